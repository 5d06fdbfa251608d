"""Which changes are drawn, and which never are."""

import textwrap

import pytest
from coverage import CoverageData

from tests.mutants.reach import Reach, imported_by, lines_of, plan
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
        "class Box:\n    name: str = arg('', 'Its name.', max_length=200)",
        "CPU = Rates(call=3e-5, evaluation=0.01)",
        "losses = values * goal.sign",
        "while line := file.readline(): ...",
    ],
)
def test_what_no_test_should_notice_is_left_as_it_is(source):
    assert changes(source) == set()


def test_the_limits_of_a_field_are_conditions():
    assert changes("class Box:\n    size: int = arg(4, 'How large.', ge=1)") == {("1", "2"), ("1", "0")}
    assert changes("class Box:\n    size: Annotated[int, Field(ge=1)]") == {("1", "2"), ("1", "0")}


def test_the_bytes_of_a_size_are_as_good_as_their_neighbours_and_those_of_a_line_are_not():
    assert changes("LARGEST = 8 * 2**20") == {("*", "/"), ("**", "*")}
    assert ("4", "5") in changes("LONGEST = 4 * 2**10")


def test_what_is_left_of_a_shape_has_a_sign_that_matters():
    assert changes("rows = values.reshape(-1, 2)") == {("-", "+"), ("2", "3"), ("2", "1")}


def test_a_short_list_has_a_length_that_matters():
    source = "class Box:\n    sides: tuple[int, ...] = arg((), 'Its sides.', max_length=3)"

    assert changes(source) == {("3", "4"), ("3", "2")}


def test_which_input_it_is_counts_where_a_layer_can_have_several():
    source = "size = inputs[0]"

    assert changes(source, "dlcore/spec/layers/core.py") == set()
    assert changes(source, "dlcore/spec/layers/merging.py") == {("0", "1"), ("0", "-1")}


def test_what_a_template_proposes_is_a_default_and_when_it_does_is_not():
    source = "row = {'kind': 'Dense', 'units': 64 if rows > 9 else 32, 'rate': 0.5}"

    assert changes(source, "dlcore/design/templates/some.py") == {
        *((">", ">="), (">", "<="), ("9", "10"), ("9", "8"), ("rows > 9", "not rows > 9")),
        *(("64", "65"), ("64", "63"), ("32", "33"), ("32", "31")),
    }
    assert ("0.5", "1.5") in changes(source, "dlcore/design/some.py")


def test_sizes_and_places_are_left_alone_in_figures_only():
    source = (
        "mark = dict(width=1.5, x=-1, color=2)\nother = {'size': 6 * few, 'y': 3 * z, 'x': 4}\n"
        "label = short_text(name, 32)"
    )

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


def test_where_time_is_short_a_test_that_imports_the_module_comes_first(tmp_path):
    (tmp_path / "test_tables.py").write_text(
        "from dlcore.store import tables\nfrom dlcore.errors import Message\n"
    )
    ((_, mutant), *_) = mutants("LONG = True\n", "dlcore/store/tables.py")
    quick, slow = "tests/store/test_runs.py::test_it", "tests/store/test_tables.py::test_it"
    far = "tests/queue/test_moves.py::test_it"
    data = CoverageData(no_disk=True)
    for test in (quick, slow, far):
        data.set_context(test)
        data.add_lines({"/tree/dlcore/store/tables.py": [1]})
    imports = {
        "tests/store/test_runs.py": frozenset[str](),
        "tests/store/test_tables.py": imported_by(tmp_path / "test_tables.py"),
        "tests/queue/test_moves.py": frozenset[str](),
    }
    reach = {
        "store": Reach({quick: 1.0, slow: 3.0}, data, imports),
        "queue": Reach({far: 0.1}, data, imports),
    }

    assert list(plan(mutant, "LONG = True\n", reach, 5.0).tests) == [slow, quick, far]
    assert list(plan(mutant, "LONG = True\n", reach, 3.5).tests) == [slow, far]


def test_the_reference_is_asked_of_all_that_runs_at_import():
    source = "LONG = True\n\ndef judge(value):\n    return value > 3\n"
    found = {mutant.before: mutant for _, mutant in mutants(source, "dlcore/spec/some.py")}
    test = "tests/test_reference.py::test_it"
    reach = {
        "test_reference.py": Reach(
            {test: 1.0}, CoverageData(no_disk=True), {"tests/test_reference.py": frozenset()}
        )
    }

    assert list(plan(found["True"], source, reach, 5.0).tests) == [test]
    assert list(plan(found[">"], source, reach, 5.0).tests) == []
