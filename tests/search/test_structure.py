"""Layers that are repeated, or absent: what is connected with what."""

from dlcore.search.structure import repeated

STACK = [
    {"name": "first", "kind": "Dense"},
    {"name": "block", "kind": "Dense"},
    {"name": "norm", "kind": "BatchNormalization"},
    {"name": "head", "kind": "Dense"},
]
BRANCHES = [
    {"name": "entry", "kind": "Dense"},
    {"name": "left", "kind": "Dense", "inputs": ["entry"]},
    {"name": "sum", "kind": "Add", "inputs": ["left", "entry"]},
    {"name": "head", "kind": "Dense", "inputs": ["sum", "entry"]},
]


def wired(layers, *args):
    return [(layer["name"], layer.get("inputs") or []) for layer in repeated(layers, *args)]


def test_copies_follow_one_another_under_new_names():
    assert [name for name, _ in wired(STACK, "block", "norm", 3)] == [
        *("first", "block", "norm", "block_2", "norm_2", "block_3", "norm_3", "head"),
    ]


def test_one_copy_is_the_network_as_it_was():
    assert [name for name, _ in wired(STACK, "block", "norm", 1)] == ["first", "block", "norm", "head"]
    assert wired(BRANCHES, "left", "sum", 1) == [
        ("entry", []), ("left", ["entry"]), ("sum", ["left", "entry"]), ("head", ["sum", "entry"]),
    ]  # fmt: skip


def test_within_a_copy_what_came_from_outside_comes_from_the_copy_before():
    assert wired(BRANCHES, "left", "sum", 2) == [
        ("entry", []),
        ("left", ["entry"]),
        ("sum", ["left", "entry"]),
        ("left_2", ["sum"]),
        ("sum_2", ["left_2", "sum"]),
        # What lay beside the group still takes the group's own source.
        ("head", ["sum_2", "entry"]),
    ]


def test_without_a_copy_the_rest_takes_what_the_group_took():
    assert wired(BRANCHES, "left", "sum", 0) == [("entry", []), ("head", ["entry", "entry"])]
    assert wired(STACK, "block", "norm", 0)[1][0] == "head"
    assert wired(STACK, "first", "first", 0)[0] == ("block", [])


def test_a_copy_never_takes_a_name_that_is_there():
    taken = [
        {"name": "block", "kind": "Dense"},
        {"name": "block_2", "kind": "Dense"},
        {"name": "block_3", "kind": "Dense"},
    ]

    assert [name for name, _ in wired(taken, "block", "block", 3)] == [
        *("block", "block_4", "block_5", "block_2", "block_3"),
    ]
