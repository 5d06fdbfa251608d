"""Which tests reach a line, found out once by running them under coverage.

`python -m tests.mutants.reach FOLDER TEST` runs the light tests of one entry of `tests/`, in a process of its own.
"""

import ast
import functools
import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from coverage import Coverage, CoverageData

from tests.mutants.sample import Mutant

LIGHT = "not keras and not browser and not processes and not acceptance"
NOT_REACHING = ("mutants", "test_architecture.py", "js", "e2e", "acceptance")
"""Entries of `tests/` that judge the text of the code, or have no light tests."""


@dataclass(frozen=True)
class Reach:
    """What one entry of `tests/` reaches.

    Attributes:
        seconds: how long each of its tests took, those that failed left out.
        data: the lines that each reached.
        imports: the modules that each of its files imports by name.
    """

    seconds: dict[str, float]
    data: CoverageData
    imports: dict[str, frozenset[str]]

    def contexts(self, path: str, lines: range) -> set[str]:
        """Returns the tests that reach one of the lines of a file of the tree; "" where it ran before them."""
        by_line = _by_line(self.data, path)
        return {test for line in lines for test in by_line.get(line, ())}


@functools.cache
def _by_line(data: CoverageData, path: str) -> dict[int, list[str]]:
    full = next((file for file in data.measured_files() if file.endswith(f"/{path}")), None)
    return {} if full is None else data.contexts_by_lineno(full)


def entries(tree: Path) -> list[str]:
    """Returns what lies in `tests/`: its folders and files of tests."""
    found = sorted((tree / "tests").iterdir())
    names = [path.name for path in found if path.is_dir() or path.name.startswith("test_")]
    return [name for name in names if name not in NOT_REACHING and not name.startswith("__")]


def find_reach(tree: Path, kept: Path, tell: Callable[[str], object]) -> dict[str, Reach]:
    """Returns what each entry of `tests/` reaches; what nothing has changed of is not measured again.

    Args:
        tree: the copy of the repository that is mutated.
        kept: a folder for what was measured.
        tell: takes a line about what goes on.
    """
    found = {}
    common = _fingerprint(
        tree, ["dlcore", "pages", "app.py", "examples", "tests/conftest.py", "tests/waiting.py"]
    )
    for name in entries(tree):
        key = hashlib.sha256(f"{common} {_fingerprint(tree, [f'tests/{name}'])}".encode()).hexdigest()[:16]
        folder = kept / f"{name}-{key}"
        if not (folder / "tests.json").exists():
            tell(f"Running tests/{name} once, to learn what it reaches …")
            folder.mkdir(parents=True, exist_ok=True)
            subprocess.run(
                [sys.executable, "-m", "tests.mutants.reach", str(folder.resolve()), f"tests/{name}"],
                cwd=tree, check=True, stdout=subprocess.DEVNULL,
            )  # fmt: skip
        told = json.loads((folder / "tests.json").read_text())
        if told["failed"]:
            tell(f"Left out, because they fail as it is: {', '.join(told['failed'])}")
        data = CoverageData(str(folder / "coverage"))
        data.read()
        files = {test.partition("::")[0] for test in told["seconds"]}
        found[name] = Reach(told["seconds"], data, {file: imported_by(tree / file) for file in files})
    return found


def imported_by(file: Path) -> frozenset[str]:
    """Returns the modules that a file imports by name."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            found |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(found)


def _fingerprint(tree: Path, names: list[str]) -> str:
    digest = hashlib.sha256()
    for name in names:
        place = tree / name
        for file in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if file.is_file() and file.suffix in (".py", ".js", ".json", ".yaml", ".ipynb"):
                digest.update(file.relative_to(tree).as_posix().encode() + file.read_bytes())
    return digest.hexdigest()


def lines_of(source: str, line: int) -> tuple[range, bool]:
    """Returns the lines of the statement that holds a line, and whether it stands in a function.

    Of a statement with a body only its head counts: `if …:`, `def …:`.
    """
    tree = ast.parse(source)
    best, inside = range(line, line + 1), False
    size = len(source)
    for node, in_function in _statements(tree, False):
        body = getattr(node, "body", None)
        last = body[0].lineno - 1 if body else node.end_lineno
        span = range(node.lineno, max(last or 0, node.lineno) + 1)
        if line in span and len(span) <= size:
            best, inside, size = span, in_function, len(span)
    return best, inside


def _statements(node: ast.AST, inside: bool) -> Iterator[tuple[ast.stmt, bool]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield child, inside
        yield from _statements(child, inside or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef))


@dataclass(frozen=True)
class Plan:
    """What a change is shown to.

    Attributes:
        tests: by their ids, in their order; how long each takes.
        at_import: whether what is changed runs when its module is imported, or in a process of its own.
    """

    tests: dict[str, float]
    at_import: bool


def plan(mutant: Mutant, source: str, reach: dict[str, Reach], seconds: float) -> Plan:
    """Returns which tests a change is shown to, up to `seconds` altogether.

    Those of files that import its module come first, then those of the package's own folder; in both the quick ones
    before the slow ones. What runs at import, or in a process of its own, is shown to all tests that reach its file,
    to those of its package, and to the reference, which holds what a class says of its fields.
    """
    lines, in_function = lines_of(source, mutant.line)
    # Coverage notes under no name what runs while tests are collected.
    imported = any("" in part.contexts(mutant.path, lines) for part in reach.values())
    at_import = not in_function or imported or "__main__" in source
    own = mutant.path.split("/")[1].removesuffix(".py")
    module = mutant.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    candidates: list[tuple[int, float, str]] = []
    for name, part in reach.items():
        near, refers = name in (own, f"test_{own}.py"), name == "test_reference.py"
        reached = part.contexts(mutant.path, range(1, source.count("\n") + 2) if at_import else lines)
        reached |= set(part.seconds) if at_import and (near or refers) else set()
        for test in reached & set(part.seconds):
            nearest = module in part.imports[test.partition("::")[0]]
            rank = 0 if refers else 1 if nearest else 2 if near else 3
            candidates.append((rank, part.seconds[test], test))
    chosen: dict[str, float] = {}
    for _, took, test in sorted(candidates):
        if sum(chosen.values()) + took <= seconds:
            chosen[test] = took
    return Plan(chosen, at_import)


class _Watcher:
    """Notes what each test reaches and takes."""

    def __init__(self, coverage: Coverage) -> None:
        self._coverage = coverage
        self.seconds: dict[str, float] = {}
        self.failed: list[str] = []

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self._coverage.switch_context(item.nodeid)
        try:
            return (yield)
        finally:
            self._coverage.switch_context("")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0.0) + report.duration
        if report.failed:
            self.failed.append(report.nodeid)


def _measure(folder: Path, tests: str) -> int:
    coverage = Coverage(data_file=str(folder / "coverage"), source=["dlcore"], config_file=False)
    watcher = _Watcher(coverage)
    coverage.start()
    code = pytest.main(["-q", "-m", LIGHT, tests], plugins=[watcher])
    coverage.stop()
    coverage.save()
    seconds = {test: round(took, 3) for test, took in watcher.seconds.items() if test not in watcher.failed}
    (folder / "tests.json").write_text(json.dumps({"seconds": seconds, "failed": watcher.failed}))
    # Without any light test it reaches nothing; that some fail is told later.
    return 0 if code in (0, 1, 5) else int(code)


if __name__ == "__main__":
    sys.exit(_measure(Path(sys.argv[1]), sys.argv[2]))
