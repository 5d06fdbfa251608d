"""The rules that keep the code small and its parts apart."""

import ast
import subprocess
import sys
from pathlib import Path
from typing import get_type_hints

import pytest

from dlcore.store import Store
from dlcore.store.gate import GATES
from tests.conftest import LONGEST, ROOT

FRAMEWORK = {"keras", "tensorflow"}
PAGES_MAY_IMPORT = {"streamlit", "__future__"}
SOURCES = [
    path
    for folder in ("dlcore", "pages")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if "migrations" not in path.parts
] + [ROOT / "app.py"]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported(path: Path) -> set[str]:
    """The packages that a file imports anywhere, also within functions and by name."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=names):
                found |= {alias.name for alias in names}
            case ast.ImportFrom(module=str(module), level=0):
                found.add(module)
            case ast.Call(
                func=ast.Name(id=called) | ast.Attribute(attr=called), args=[ast.Constant(str(module)), *_]
            ):
                if called in ("import_module", "__import__"):
                    found.add(module)
    return found


def packages(path: Path) -> set[str]:
    return {module.split(".")[0] for module in imported(path)}


def test_imports_point_one_way():
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True, no_logo=True))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr


def test_only_the_engine_imports_keras_and_tensorflow_lazily_or_not():
    assert [
        name_of(path)
        for path in SOURCES
        if packages(path) & FRAMEWORK and not name_of(path).startswith("dlcore/engine/")
    ] == []


def test_only_the_dashboard_imports_streamlit():
    allowed = ("dlcore/ui/", "dlcore/web/", "pages/", "app.py")

    assert [
        name_of(path)
        for path in SOURCES
        if "streamlit" in packages(path) and not name_of(path).startswith(allowed)
    ] == []


def test_the_dashboard_never_imports_the_engine():
    forbidden = ("dlcore.engine", "dlcore.processes", "dlcore.worker")

    assert [
        (name_of(path), module)
        for path in SOURCES
        if name_of(path).startswith(("dlcore/ui/", "dlcore/web/", "pages/", "app.py"))
        for module in imported(path)
        if module.startswith(forbidden)
    ] == []


SLOW = ("tensorflow", "keras", "scipy.signal", "scipy.stats", "sklearn", "onnx", "h5py")
"""Takes long to import: half a second and more, in which a dashboard answers nobody."""


def test_all_of_the_dashboard_is_imported_without_what_is_slow_to_import():
    script = (
        "import importlib, pkgutil, sys, dlcore.ui, dlcore.web.server\n"
        "for one in pkgutil.walk_packages(dlcore.ui.__path__, 'dlcore.ui.'):\n"
        "    if one.name != 'dlcore.ui.router':\n"
        "        importlib.import_module(one.name)\n"
        f"print([name for name in {SLOW} if name in sys.modules])\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert said.stdout.split("\n")[-2] == "[]"


def test_a_page_only_puts_pieces_of_the_dashboard_together():
    """So that what import-linter says of `dlcore.ui` is true of pages, which it does not see."""
    assert {
        f"{name_of(path)}: {module}"
        for path in SOURCES
        if name_of(path).startswith("pages/")
        for module in imported(path)
        if module not in PAGES_MAY_IMPORT and not module.startswith("dlcore.ui.")
    } == set()


RAW_READERS = {
    "dlcore.datasets": {"facts", "dataset_facts", "open_samples", "load"},
    "dlcore.datasets.stored": {"stored_names", "open_stored", "versions", "open_version"},
    "dlcore.datasets.uploads": {"find_upload"},
    "dlcore.datasets.vectors.stored": {"all_vectors", "open_vectors", "vectors_names", "vectors_sizes"},
    "dlcore.models": {"stored_model", "stored_models"},
    "dlcore.models.stored": {"stored_model", "stored_models", "model_ids"},
    "dlcore.store.gate": {"Eyes"},
}
"""What reads a home without asking who reads; pages and routes ask `context().library` and `context().store`."""
OF_THE_SERVER = {f"dlcore/web/{name}.py" for name in ("server", "context", "health", "metrics")}
"""What opens the store, what cleans up in it, and what tells its host how it is."""


def dashboard():
    return [
        path
        for path in SOURCES
        if name_of(path).startswith(("dlcore/ui/", "dlcore/web/", "pages/", "app.py"))
    ]


def test_pages_and_routes_have_no_store_but_the_gated_one():
    """No `whole` store, no database, no store that they open themselves, and none that a cache has kept."""
    assert [
        (name_of(path), node.lineno)
        for path in dashboard()
        if name_of(path) not in OF_THE_SERVER
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (
            isinstance(node, ast.Attribute)
            and node.attr in ("whole", "database", "eyes")
            and reads_store(node)
        )
        or (isinstance(node, ast.Call) and ast.unparse(node.func) in ("Store.open", "Database"))
    ] == []


def reads_store(node: ast.Attribute) -> bool:
    """Whether an attribute is one of a store or of the context; `samples.whole` is none."""
    return ast.unparse(node.value).split(".")[-1] in ("here", "store", "context()", "_store")


def test_pages_and_routes_read_no_files_of_a_home_but_as_somebody():
    assert [
        (name_of(path), alias.name)
        for path in dashboard()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name in RAW_READERS.get(node.module or "", ())
    ] == []


def test_all_that_pages_and_routes_ask_of_the_store_has_a_gate():
    asked = {
        (node.value.attr, node.attr)
        for path in dashboard()
        if name_of(path) not in OF_THE_SERVER
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute)
        if ast.unparse(node.value.value).split(".")[-1] in ("store", "_store")
    }

    assert len(asked) > 40
    assert (
        sorted(
            (part, method)
            for part, method in asked
            if part != "settings" and method not in GATES.get(part, ())
        )
        == []
    )


def test_a_gate_stands_before_something():
    assert [
        (part, method)
        for part, gates in GATES.items()
        for method in gates
        if not callable(getattr(get_type_hints(Store)[part], method, None))
    ] == []


def test_the_files_that_begin_first_are_there():
    assert [name for name in LONGEST if not (ROOT / "tests" / name).is_file()] == []


def test_the_rule_about_imports_sees_lazy_ones(tmp_path):
    path = tmp_path / "sly.py"
    path.write_text(
        "import importlib\n"
        "def late():\n    from keras.layers import Dense\n    import tensorflow as tf\n"
        "    importlib.import_module('streamlit.web')\n"
        "# import torch\n"
    )

    assert packages(path) == {"importlib", "keras", "tensorflow", "streamlit"}


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_file_and_its_functions_stay_small(path):
    text = path.read_text(encoding="utf-8")
    limit = 200 if name_of(path).startswith("pages/") else 400
    long = [
        node.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        if (node.end_lineno or 0) - node.lineno + 1 > 50
    ]

    assert text.count("\n") <= limit
    assert long == []
