"""What is known of a layer, a metric, an augmentation … is said in its class, and nowhere else by its name."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import dlcore
from dlcore.spec.base import Registry
from dlcore.spec.metrics import METRICS

ROOT = Path(dlcore.__file__).parent

SPECS = "networks and experiments, written as specs are"
RESULTS = "the results of an evaluation are kept under the names of their metrics"
TEXTBOOK = "a textbook writes out what a kind computes, and says which one it means"
ALLOWED: dict[tuple[str, str], str] = {
    ("spec/blocks.py", "*"): SPECS,
    ("design/templates/base.py", "*"): SPECS,
    ("design/templates/images.py", "*"): SPECS,
    ("design/templates/proposals.py", "*"): SPECS,
    ("design/templates/reconstruction.py", "*"): SPECS,
    ("design/templates/sequences.py", "*"): SPECS,
    ("design/templates/series.py", "*"): SPECS,
    ("design/templates/signals.py", "*"): SPECS,
    ("design/templates/tables.py", "*"): SPECS,
    ("design/templates/volumes.py", "*"): SPECS,
    ("design/transplant.py", "*"): SPECS,
    ("queue/ready.py", "*"): SPECS,
    ("engine/scores.py", "*"): RESULTS,
    ("analysis/answers.py", "*"): RESULTS,
    ("engine/explain/importance.py", "*"): RESULTS,
    ("ui/runs/evaluation.py", "*"): RESULTS,
    ("ui/lab/classes.py", "*"): RESULTS,
    ("ui/lab/columns.py", "*"): RESULTS,
    **{
        (f"analysis/learning/{name}.py", "*"): TEXTBOOK
        for name in ("descent", "layers", "losses", "recurrence")
    },
    **{
        (f"ui/learn/{name}.py", "*"): TEXTBOOK
        for name in (
            "activations",
            "backward",
            "descent",
            "forward",
            "one_step",
            "over_time",
            "rates",
            "regularization",
        )
    },
    ("design/keras_import/arguments.py", "*"): "Keras' own words for activations and regularizers",
    ("design/keras_import/older.py", "*"): "Keras 2's own words for layers and their arguments",
    **{
        (f"design/keras_import/{name}.py", "*"): "Keras' own words for operations, and the layers they become"
        for name in ("arithmetic", "equivalents", "rearranging")
    },
    ("engine/onnx_operators.py", "Add"): "ONNX' own word for an operation",
    ("datasets/builtin/downloads.py", "Range"): "a header of HTTP",
    ("ui/train/page.py", "precision"): "the number format, a field of the training",
}
"""By module and name (`*`: any), why a kind is named there."""


def test_no_other_module_names_a_kind():
    homes = dict(kinds())
    found = {
        (path, name)
        for path, name in named_in_code()
        if name in homes and path != homes[name] and not path.endswith("__init__.py")
    }

    assert found - {(path, name) for path, name in found if is_allowed(path, name)} == set()
    assert [key for key in ALLOWED if not any(is_like(key, one) for one in found)] == []


def kinds() -> Iterator[tuple[str, str]]:
    """Yields the name of each kind and metric, and the module of its class."""
    for module in pkgutil.walk_packages(dlcore.__path__, "dlcore."):
        if module.name.split(".")[1] in ("spec", "search"):
            importlib.import_module(module.name)
    for registry in Registry.every():
        for kind in registry:
            yield kind.__name__, path_of(kind)
    for name, metric in METRICS.items():
        yield name, path_of(type(metric))


def path_of(cls: type) -> str:
    return "/".join(cls.__module__.split(".")[1:]) + ".py"


def named_in_code() -> Iterator[tuple[str, str]]:
    """Yields the module and the text of each string that is neither a docstring nor a text for people."""
    for path in sorted(ROOT.rglob("*.py")):
        tree = ast.parse(path.read_text())
        left_out = {id(one) for node in ast.walk(tree) for one in texts_of(node)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in left_out:
                yield path.relative_to(ROOT).as_posix(), node.value


def texts_of(node: ast.AST) -> list[ast.expr]:
    match node:
        case ast.Call(func=ast.Name(id="_" | "N_" | "ngettext"), args=args):
            return args
        case ast.Expr(value=ast.Constant() as text):
            return [text]
        case _:
            return []


def is_allowed(path: str, name: str) -> bool:
    return (path, "*") in ALLOWED or (path, name) in ALLOWED


def is_like(key: tuple[str, str], one: tuple[str, str]) -> bool:
    return key[0] == one[0] and key[1] in ("*", one[1])
