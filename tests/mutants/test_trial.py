"""What is found out about a change, in a real tree with real processes."""

import shutil
from pathlib import Path

import pytest

from tests.mutants.reach import choose_tests, find_reach
from tests.mutants.sample import mutants
from tests.mutants.trial import Host, Outcome, copy_tree

pytestmark = pytest.mark.processes

CODE = """\
def is_large(value):
    return value >= 5


def count_down(value):
    while value > 0:
        value = value - 1
    return value


def unseen(value):
    return value + 1
"""
TESTS = """\
from dlcore.queue.sizes import count_down, is_large


def test_five_is_large():
    assert is_large(5) and not is_large(0)


def test_the_end_is_reached():
    assert count_down(3) == 0
"""


@pytest.fixture
def tree(tmp_path):
    """A copy of a small repository, ready to be mutated."""
    root = tmp_path / "root"
    (root / "dlcore" / "queue").mkdir(parents=True)
    (root / "dlcore" / "__init__.py").touch()
    (root / "dlcore" / "queue" / "__init__.py").touch()
    (root / "dlcore" / "queue" / "sizes.py").write_text(CODE)
    (root / "tests" / "queue").mkdir(parents=True)
    (root / "tests" / "__init__.py").touch()
    (root / "tests" / "queue" / "__init__.py").touch()
    (root / "tests" / "queue" / "test_sizes.py").write_text(TESTS)
    (root / "pyproject.toml").write_text('[tool.pytest.ini_options]\nmarkers = ["keras", "processes"]\n')
    shutil.copytree(Path(__file__).parent, root / "tests" / "mutants")
    copy_tree(root, tmp_path / "tree")
    return tmp_path / "tree"


def test_each_change_is_shown_to_the_tests_that_reach_it(tree, tmp_path):
    path, told = "dlcore/queue/sizes.py", []
    reach = find_reach(tree, tmp_path / "reach", told.append)
    found = {(m.line, m.before, m.after): m for _, m in mutants(CODE, path)}
    chosen = {change: list(choose_tests(mutant, CODE, reach, 60)) for change, mutant in found.items()}

    def outcome(host, *change):
        return host.run_with(path, found[change].mutate(CODE), chosen[change], 5).outcome

    assert chosen[2, ">=", ">"] == ["tests/queue/test_sizes.py::test_five_is_large"]
    assert chosen[12, "+", "-"] == []
    with Host(tree) as host:
        assert outcome(host, 2, ">=", ">") is Outcome.NOTICED
        assert outcome(host, 2, "5", "4") is Outcome.SURVIVED
        assert outcome(host, 7, "-", "+") is Outcome.TOO_LONG
        assert host.run(["tests/queue/test_sizes.py::test_five_is_large"], 5).outcome is Outcome.SURVIVED
    assert (tree / path).read_text() == CODE
    assert len(told) == 1
    assert find_reach(tree, tmp_path / "reach", told.append).keys() == {"queue"}
    assert len(told) == 1
