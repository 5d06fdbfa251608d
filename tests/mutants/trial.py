"""Shows changed code to tests, each time in a fresh copy of a warm process.

`python -m tests.mutants.trial`, in the tree that is mutated, takes a line of JSON for each trial.
"""

import contextlib
import dataclasses
import gc
import importlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import CodeType, FunctionType, TracebackType
from typing import Self

import pytest

MEMORY = 16 << 30
"""Bytes of address space, so that a change that makes a loop collect for ever ends before the machine does."""

SLOW_IMPORTS = (
    *(
        "alembic.command",
        "h5py",
        "hypothesis",
        "numpy",
        "optuna",
        "pandas",
        "PIL.Image",
        "plotly.graph_objects",
    ),
    *("pyarrow.parquet", "pydantic", "scipy.stats", "soundfile", "sqlalchemy", "starlette.testclient"),
    *("streamlit.testing.v1", "yaml"),
)
"""What no trial has to wait for; nothing of it imports the code that is changed."""

IGNORED = shutil.ignore_patterns("__pycache__", ".*", "node_modules", "*.egg-info")


class Outcome(StrEnum):
    """What the tests say to a change."""

    NOTICED = "noticed"
    TOO_LONG = "too long"
    SURVIVED = "survived"


@dataclass(frozen=True)
class Verdict:
    """An outcome, and the test that noticed."""

    outcome: Outcome
    test: str = ""


@dataclass(frozen=True)
class Change:
    """A file of the tree, and its text before and after."""

    path: str
    before: str
    after: str

    def put_into_functions(self) -> None:
        """Gives the functions of the file that have been imported their changed code."""
        file = str(Path(self.path).resolve())
        old, new = (list(_codes(compile(text, file, "exec"))) for text in (self.before, self.after))
        changed = {(a.co_qualname, a.co_firstlineno): b for a, b in zip(old, new, strict=True) if a != b}
        gc.unfreeze()  # what was frozen to spare the collector is not listed
        for found in gc.get_objects():
            if isinstance(found, FunctionType) and found.__code__.co_filename == file:
                code = found.__code__
                found.__code__ = changed.get((code.co_qualname, code.co_firstlineno), code)


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def copy_tree(root: Path, tree: Path) -> None:
    """Makes `tree` a copy of what the tests need of the repository; what has not changed is left as it is."""
    folders = ("dlcore", "pages", "tests", "examples", "benchmarks", "docs", ".streamlit")
    wanted = [root / name for name in folders if (root / name).is_dir()]
    wanted += [path for path in root.iterdir() if path.is_file()]
    tree.mkdir(parents=True, exist_ok=True)
    for name in sorted(path.name for path in wanted):
        if (root / name).is_dir():
            copied = {path for path in (tree / name).rglob("*") if path.is_file() and path.suffix != ".pyc"}
            gone = [path for path in copied if not (root / path.relative_to(tree)).exists()]
            for path in gone:
                path.unlink()
            shutil.copytree(root / name, tree / name, dirs_exist_ok=True, ignore=IGNORED, copy_function=_copy)
        else:
            _copy(root / name, tree / name)


def _copy(source: str | Path, target: str | Path) -> None:
    target = Path(target)
    if not target.exists() or target.read_bytes() != Path(source).read_bytes():
        shutil.copy2(source, target)


class Host:
    """A process in the tree that has imported what takes long, and forks for every trial.

    Args:
        tree: the copy of the repository that is mutated.
        modules: of tests, to be imported as well, with all that they import of the code: then a change is put
            into the functions that there are. Without any, each trial imports the code itself, changed.
    """

    def __init__(self, tree: Path, modules: Sequence[str] = ()) -> None:
        self._tree, self._modules = tree, modules

    def __enter__(self) -> Self:
        # The code of Python writes would be that of the change.
        surroundings = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "CI": "1"}
        command = [sys.executable, "-m", "tests.mutants.trial"]
        self._process = subprocess.Popen(
            command,
            cwd=self._tree,
            env=surroundings,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._ask({"modules": list(self._modules)})
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def _ask(self, what: dict[str, object]) -> dict[str, str]:
        assert self._process.stdin is not None and self._process.stdout is not None
        print(json.dumps(what), file=self._process.stdin, flush=True)
        told: dict[str, str] = json.loads(self._process.stdout.readline())
        return told

    def run(self, tests: Sequence[str], seconds: float, change: Change | None = None) -> Verdict:
        """Returns what the tests say.

        Args:
            tests: their ids, in the order in which they run.
            seconds: of processor time that they may take.
            change: of the code; none to see whether the tests pass.
        """
        asked = {"tests": list(tests), "seconds": seconds, "change": change and dataclasses.asdict(change)}
        if change is None:
            told = self._ask(asked)
        else:
            with self._changed_file(change):
                told = self._ask(asked)
        return Verdict(Outcome(told["outcome"]), told["test"])

    @contextlib.contextmanager
    def _changed_file(self, change: Change) -> Iterator[None]:
        """Changes the file itself, for what is imported later or by a process that a test starts."""
        file = self._tree / change.path
        before = file.stat()
        try:
            file.write_text(change.after, encoding="utf-8")
            # Compiled code is known by the size and the second of its source.
            os.utime(file, (before.st_atime, before.st_mtime + 3600))
            yield
        finally:
            file.write_text(change.before, encoding="utf-8")
            os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


class _Chosen:
    """Runs the chosen tests only, in the order given, and keeps the name of the first that fails.

    A file among them stands for all of its tests.
    """

    def __init__(self, tests: Sequence[str]) -> None:
        self._places = {test: place for place, test in enumerate(tests)}
        self.failed = ""

    def _place(self, item: pytest.Item) -> int | None:
        return self._places.get(item.nodeid, self._places.get(item.nodeid.partition("::")[0]))

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        placed = [(place, item) for item in items if (place := self._place(item)) is not None]
        items[:] = [item for _, item in sorted(placed, key=lambda pair: pair[0])]

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._note(report)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._note(report)

    def _note(self, report: pytest.CollectReport | pytest.TestReport) -> None:
        if report.failed:
            self.failed = self.failed or report.nodeid


def _attempt(tests: Sequence[str], seconds: float, change: Change | None, telling: int) -> None:
    """Runs the tests in this process, and ends it."""
    if change is not None:
        change.put_into_functions()
    os.setsid()
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds) + 5))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silence, stream)
    chosen = _Chosen(tests)
    files = list(dict.fromkeys(test.partition("::")[0] for test in tests))
    code = pytest.main(
        ["-x", "-q", "-p", "no:cacheprovider", "--assert=plain", "-m", "", *files], plugins=[chosen]
    )
    # 5: no test was left, since the parameters follow from what was changed.
    outcome = Outcome.SURVIVED if code in (0, 5) else Outcome.NOTICED
    # Where not even `conftest.py` can be imported, no test has a name.
    by = (chosen.failed or files[0]) if outcome is Outcome.NOTICED else ""
    os.write(telling, json.dumps({"outcome": outcome, "test": by}).encode())
    os._exit(0)


def _hold_trial(tests: Sequence[str], seconds: float, change: Change | None) -> dict[str, str]:
    reading, telling = os.pipe()
    child = os.fork()
    if not child:
        _attempt(tests, seconds, change, telling)
    os.close(telling)
    # Far more than the processor time, since others may use the machine as well.
    deadline, status = time.monotonic() + 10 * seconds, None
    while status is None and time.monotonic() < deadline:
        ended, code = os.waitpid(child, os.WNOHANG)
        status = code if ended else time.sleep(0.02)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1] if status is None else status
    with os.fdopen(reading) as file:
        told = file.read()
    if told:
        found: dict[str, str] = json.loads(told)
        return found
    if os.WIFSIGNALED(status):
        return {"outcome": Outcome.TOO_LONG, "test": ""}
    raise RuntimeError(f"pytest broke down over {tests[:3]} …: exit status {status}")


def main() -> None:
    """Imports what is asked first, then holds a trial for each line."""
    for name in (*SLOW_IMPORTS, *json.loads(sys.stdin.readline())["modules"]):
        importlib.import_module(name)
    print("{}", flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        change = asked["change"] and Change(**asked["change"])
        print(json.dumps(_hold_trial(asked["tests"], asked["seconds"], change)), flush=True)


if __name__ == "__main__":
    main()
