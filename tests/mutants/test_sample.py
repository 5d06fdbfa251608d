"""Which changes are drawn, and which never are."""

import textwrap

import pytest

from tests.mutants.reach import lines_of
from tests.mutants.sample import Equivalent, draw, mutants


def changes(source: str, path: str = "dlcore/spec/some.py") -> set[tuple[str, str]]:
    found = mutants(textwrap.dedent(source), path)
    return {(mutant.before, mutant.after) for _, mutant in found}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("few = count >= 5", {(">=", ">"), (">=", "<"), ("5", "6"), ("5", "4")}),
        ("size = memory / 1e6", {("/", "*")}),
        ("share = 0.5", {("0.5", "1.5"), ("0.5", "-0.5")}),
        ("ready = not done and seen", {("not", ""), ("and", "or")}),
        ("small = a if b else c", {("b", "not b")}),
        ("flag = True", {("True", "False")}),
        ("same = a is None", {("is", "is not")}),
    ],
)
def test_an_operator_a_number_or_a_condition_becomes_its_neighbour(line, expected):
    assert changes(line) == expected


@pytest.mark.parametrize(
    "source",
    [
        "def first(count=5, *, most: int = 7): ...",
        "def first(count: int | None) -> str | None: ...",
        "class Box:\n    size: int = 4",
        "class Box:\n    size: int = arg(4, 'How large.', advanced=True)",
        "@dataclass(frozen=True)\nclass Box: ...",
        "pairs = zip(a, b, strict=True)",
        "file = folder / 'name' / f'{other}.json'",
        "merged = {**old, **new}",
        "def first(*, name, **more): ...",
        "name = Column('name', String(64))",
        "text = 'five 5 >= 4'",
        "work, size = 115_981_960, 1e6",
    ],
)
def test_what_no_test_should_notice_is_left_as_it_is(source):
    assert changes(source) == set()


def test_the_limits_of_a_field_are_conditions():
    assert changes("class Box:\n    size: int = arg(4, 'How large.', ge=1)") == {("1", "2"), ("1", "0")}
    assert changes("class Box:\n    size: Annotated[int, Field(ge=1)]") == {("1", "2"), ("1", "0")}


def test_sizes_and_places_are_left_alone_in_figures_only():
    source = "mark = dict(width=1.5, x=-1, color=2)\nother = {'size': 6 * few, 'y': 3 * z, 'x': 4}"

    assert changes(source, "dlcore/plots/some.py") == {
        ("2", "3"),
        ("2", "1"),
        ("3", "4"),
        ("3", "2"),
        ("*", "/"),
    }
    assert ("1.5", "2.5") in changes(source, "dlcore/search/some.py")


def test_a_change_is_made_where_it_says():
    source = "größe = 'größe', 1 + 2\nother = 1 + 2\n"

    for (line, column), mutant in mutants(source, "dlcore/spec/some.py"):
        lines = source.splitlines()
        assert lines[line - 1][column:].startswith(mutant.before)
        lines[line - 1] = (
            lines[line - 1][:column] + mutant.after + lines[line - 1][column + len(mutant.before) :]
        )
        assert mutant.mutate(source).replace(" ", "") == ("\n".join(lines) + "\n").replace(" ", "")


@pytest.fixture
def root(tmp_path):
    """A repository of one file with forty places."""
    (tmp_path / "dlcore").mkdir()
    lines = [f"    first_{n} = value >= {n + 2}" for n in range(20)]
    (tmp_path / "dlcore" / "durable.py").write_text("\n".join(["def judge(value):", *lines, ""]))
    return tmp_path


def drawn(root, seed: int = 1, leave: tuple[Equivalent, ...] = ()) -> set[tuple[str, str, str]]:
    return {(mutant.text, mutant.before, mutant.after) for mutant in draw(root, 10, seed, leave)}


def test_an_edit_elsewhere_leaves_the_sample_as_it_was(root):
    before = drawn(root)
    file = root / "dlcore" / "durable.py"
    file.write_text("def another():\n    return None\n\n\n" + file.read_text())

    assert len(before) == 10
    assert drawn(root) == before
    assert drawn(root, seed=2) != before


def test_what_makes_no_difference_is_never_drawn(root):
    text, before, after = min(drawn(root))
    entry = Equivalent("dlcore/durable.py", text, before, "nobody asks", after)

    assert (text, before, after) not in drawn(root, leave=(entry,))
    assert len(drawn(root, leave=(entry,))) == 10


def test_an_entry_that_is_like_nothing_in_the_code_is_an_error(root):
    entry = Equivalent("dlcore/durable.py", "gone = 1", "1", "it was")

    with pytest.raises(ValueError, match="gone = 1"):
        draw(root, 10, 1, (entry,))


def test_a_place_belongs_to_its_statement():
    source = textwrap.dedent(
        """\
        LIMIT = 3

        def judge(value):
            if (
                value > LIMIT
            ):
                return "large"
            return small(
                value,
                most=5,
            )
        """
    )

    assert lines_of(source, 1) == (range(1, 2), False)
    assert lines_of(source, 5) == (range(4, 7), True)
    assert lines_of(source, 10) == (range(8, 12), True)
