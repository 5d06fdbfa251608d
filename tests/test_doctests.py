"""The examples in the docstrings are true."""

import doctest
import importlib

import pytest

from tests.conftest import ROOT

MODULES = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in sorted((ROOT / "dlcore").rglob("*.py"))
    if ">>>" in path.read_text(encoding="utf-8")
]


def marked(name):
    needs_keras = name.startswith(("dlcore.engine", "dlcore.processes"))
    return pytest.param(name, marks=pytest.mark.keras) if needs_keras else name


@pytest.mark.parametrize("name", [marked(name) for name in MODULES])
def test_the_examples_of_a_module_are_true(name):
    result = doctest.testmod(importlib.import_module(name.removesuffix(".__init__")))

    assert result.attempted > 0
    assert result.failed == 0
