"""What is found out about a change, in a real tree with real processes."""

import shutil
from pathlib import Path

import pytest

from tests.mutants.reach import find_reach, plan
from tests.mutants.sample import mutants
from tests.mutants.trial import Change, Host, Outcome, copy_tree

pytestmark = pytest.mark.processes

CODE = """\
LIMIT = 5


def is_large(value):
    return value >= LIMIT


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


@pytest.mark.parametrize("modules", [[], ["tests.queue.test_sizes"]], ids=["bare", "ready"])
def test_each_change_is_shown_to_the_tests_that_reach_it(tree, tmp_path, modules):
    path, told = "dlcore/queue/sizes.py", []
    reach = find_reach(tree, tmp_path / "reach", told.append)
    found = {(m.line, m.before, m.after): m for _, m in mutants(CODE, path)}
    plans = {change: plan(mutant, CODE, reach, 60) for change, mutant in found.items()}

    def outcome(host, *change):
        mutated = found[change].mutate(CODE)
        return host.run(list(plans[change].tests), 5, Change(path, CODE, mutated)).outcome

    assert list(plans[5, ">=", ">"].tests) == ["tests/queue/test_sizes.py::test_five_is_large"]
    assert not plans[5, ">=", ">"].at_import
    assert plans[1, "5", "6"].at_import
    assert list(plans[15, "+", "-"].tests) == []
    with Host(tree, modules) as host:
        assert outcome(host, 5, ">=", ">") is Outcome.NOTICED
        assert outcome(host, 5, ">=", "<") is Outcome.NOTICED
        assert outcome(host, 10, "-", "+") is Outcome.TOO_LONG
        assert outcome(host, 9, ">", ">=") is Outcome.NOTICED
        if not modules:
            assert outcome(host, 1, "5", "6") is Outcome.NOTICED
            assert outcome(host, 1, "5", "4") is Outcome.SURVIVED
        assert host.run(["tests/queue/test_sizes.py::test_five_is_large"], 5).outcome is Outcome.SURVIVED
    assert (tree / path).read_text() == CODE
    assert len(told) == 1
    assert find_reach(tree, tmp_path / "reach", told.append).keys() == {"queue"}
    assert len(told) == 1
