"""A process that works for a stranger, and the one that stands between it and the store.

Who starts a run or a job is forked in two. The child confines itself, and does the work. Its parent keeps the store,
writes there what the child reports over a pipe, and watches what it takes. Nothing that the child says is unpickled.
"""

from __future__ import annotations

import math
import os
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import psutil

from dlcore.access.actors import EVERYBODY
from dlcore.confinement import Bounds, confine, kernel, missing_protections
from dlcore.datasets.builtin.catalogue import CATALOGUE
from dlcore.datasets.stored import open_stored
from dlcore.datasets.vectors.stored import all_vectors
from dlcore.durable import folder_bytes
from dlcore.errors import N_, DlcoreError, Message
from dlcore.processes.ending import signal_number
from dlcore.processes.network import cut_network
from dlcore.processes.private import PrivateHome
from dlcore.queue.frames import FrameError, read_frame, write_frame
from dlcore.records import Run
from dlcore.settings import Mode, Settings, can_fork
from dlcore.spec import ExperimentSpec
from dlcore.spec.word_vectors import with_vectors
from dlcore.store import Store

MOST_THREADS = 2_000
MOST_SAID = 2**29
"""Bytes that a process may report in its life."""

_MB = 2**20
_MOST_BODY = 64 * _MB
_LOOK_SECONDS = 0.1
_LOOKS_AT_DISK = 10
_MOST_TOLD = 4_000
_LAST_SECONDS = 10.0
_ERRORS = "errors.txt"
_BAD_END = 70

_HARMLESS = (
    "PATH", "LANG", "LC_", "TZ", "PYTHON", "KERAS_", "TF_", "XLA_", "CUDA_", "NVIDIA_", "LD_LIBRARY_PATH", "OMP_",
    "OPENBLAS_", "MKL_", "MALLOC_", "ARROW_",
)  # fmt: skip
"""How the names of variables begin that a stranger's process keeps."""

_INHERITED: list[object] = []
"""Files whose descriptors a forked process has closed: collected, they would close those that have the numbers now."""

Channel = tuple[IO[bytes], IO[bytes]]
"""What a process reads from, and what it writes to."""


def is_stranger(store: Store, owner: str) -> bool:
    """Returns whether what somebody has asked for runs confined: everybody's but the machine owner's.

    In the mode `local` only visitors are, who came while the same store served a demo. Where a process cannot be forked,
    nobody is: a demo starts there only if it was told to do without (`check_confinable`).
    """
    settings = store.settings
    if owner in (settings.owner, EVERYBODY) or not can_fork():
        return False
    return settings.mode is not Mode.LOCAL or store.visitors.find(owner) is not None


def trains_for_stranger(store: Store, run: Run) -> bool:
    """Returns whether a run is confined: it is a stranger's, or reads what one has brought while a demo is served."""
    settings = store.settings
    if is_stranger(store, run.owner):
        return True
    if settings.mode is Mode.LOCAL:
        return False
    vectors = {layer.vectors for _index, layer in with_vectors(ExperimentSpec.from_dict(run.spec).model)}
    owners = {one.about.owner for one in all_vectors(settings.vectors_dir) if one.name in vectors}
    if run.dataset not in CATALOGUE:
        with suppress(DlcoreError):  # what is not there, or damaged, is said by who opens it
            owners.add(open_stored(run.dataset, settings).facts.owner)
    return any(is_stranger(store, owner) for owner in owners)


class ConfinedProcess:
    """The child of this process that works for a stranger.

    Args:
        home: what it sees as its home.
        live: what it does once it is confined, with what it was told to begin with and its channel.
        bounds: what it may use beside those files that it is shown.
        explain: says why it ended, from its exit code.

    Attributes:
        pid: its id.
        hears: what it says; only by whom `heard` does not suit.
    """

    def __init__(
        self,
        home: PrivateHome,
        live: Callable[[Mapping[str, Any], Channel], None],
        bounds: Bounds,
        explain: Callable[[int], Message],
    ) -> None:
        self._home, self._bounds, self._explain = home, bounds, explain
        to_child, from_child = os.pipe(), os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        parent = os.getpid()
        self.pid = _fork()
        if self.pid == 0:
            _live_confined(home, live, bounds, (to_child[0], from_child[1]), parent)
        os.close(to_child[0])
        os.close(from_child[1])
        self.hears, self.says = os.fdopen(from_child[0], "rb"), os.fdopen(to_child[1], "wb")
        self._saying = threading.Lock()
        self._writable = home.writable
        self._verdict: Message | None = None
        self._is_over = threading.Event()

    def begin(self, order: Mapping[str, Any], *, readable: Sequence[Path], writable: Sequence[Path]) -> None:
        """Tells it what to do, and watches it from now on.

        Args:
            order: JSON-ready.
            readable: files and folders that it may read beside those of its home.
            writable: folders that take its results.
        """
        self._writable += tuple(writable)
        places = {
            "readable": [str(one) for one in (*self._home.readable, *readable)],
            "writable": [str(one) for one in self._writable],
        }
        self.tell({"order": dict(order), **places})
        threading.Thread(target=self._watch, name="watch", daemon=True).start()

    def tell(self, what: Mapping[str, Any]) -> None:
        """Sends it something; one that has ended hears nothing any more."""
        with suppress(OSError, ValueError), self._saying:
            write_frame(self.says, what)

    def heard(self) -> Iterator[tuple[dict[str, Any], bytes]]:
        """Yields what it says, until it ends or has said too much."""
        left = MOST_SAID
        while left > 0:
            try:
                frame = read_frame(self.hears, most_bytes=_MOST_BODY)
            except FrameError as error:
                self.end(nonsense(error))
                return
            if frame is None:
                return
            left -= len(frame[1]) + 64 + sum(len(str(value)) for value in frame[0].values())
            yield frame
        self.end(Message(N_("it reported more than is kept of one run.")))

    def end(self, why: Message) -> None:
        """Ends it at once, for a reason."""
        self._verdict = self._verdict or why
        with suppress(psutil.NoSuchProcess):
            psutil.Process(self.pid).kill()

    def wait(self) -> Message | None:
        """Waits for its end, closes all that led to it, and returns why it ended if that was not its own will.

        One that was to be ended may have come to its own end just before: it has done all the same what it may not.

        It has said all that it had to say, so that it is ended if it does not do so soon.
        """
        end_it = threading.Timer(_LAST_SECONDS, self.end, (Message(N_("its process did not end.")),))
        end_it.start()
        _pid, status = os.waitpid(self.pid, 0)
        end_it.cancel()
        self._is_over.set()
        for stream in (self.hears, self.says):
            with suppress(OSError):
                stream.close()
        code = os.waitstatus_to_exitcode(status)
        if code != 0:
            self._pass_on()
        return self._verdict or (None if code == 0 else self._explain(code))

    def _pass_on(self) -> None:
        """Writes the last that it has said on standard error to our own, as plain lines."""
        with suppress(OSError):
            said = (self._home.temporary / _ERRORS).read_bytes()[-_MOST_TOLD:].decode(errors="replace")
            plain = "".join(one if one.isprintable() or one == "\n" else "?" for one in said)
            print(plain, file=sys.__stderr__, flush=True)

    def _watch(self) -> None:
        """Ends it when it takes more than it may."""
        with suppress(psutil.NoSuchProcess):
            process, looks = psutil.Process(self.pid), 0
            memory, late = _own_bytes(self.pid), time.monotonic() + (self._bounds.seconds or math.inf)
            while not self._is_over.wait(_LOOK_SECONDS):
                if 0 < self._bounds.memory_bytes < _own_bytes(self.pid) - memory:
                    self.end(out_of_memory(self._bounds.memory_bytes))
                elif process.num_threads() > MOST_THREADS:
                    self.end(Message(N_("it began more threads than a process may have here.")))
                elif time.monotonic() > late:
                    self.end(self._explain(-signal_number("SIGXCPU")))
                elif looks % _LOOKS_AT_DISK == 0:
                    self._watch_disk()
                looks += 1

    def _watch_disk(self) -> None:
        limit = self._home.settings.confined_disk_mb
        if sum(map(folder_bytes, self._writable)) > limit * _MB:
            self.end(
                Message(
                    N_("it would take more than {limit} MB of room on the disk."),
                    N_("Use less data or a smaller model."),
                    params={"limit": f"{limit:,}"},
                )
            )


def nonsense(said: object) -> Message:
    """Returns the reason for a process that was ended because of what it said."""
    return Message(N_("it reported what cannot be kept: {what}."), params={"what": str(said)[:100]})


def out_of_memory(limit: int) -> Message:
    """Returns the reason for a process that took more bytes of memory than it may."""
    return Message(
        N_("it needs more than the {limit} MB of memory that it may use here."),
        N_("Use a smaller batch size, model or dataset."),
        params={"limit": f"{limit // _MB:,}"},
    )


def _own_bytes(pid: int) -> int:
    """Returns the memory of a process without files that it has mapped, which the system takes back.

    Raises:
        psutil.NoSuchProcess: it has ended.
    """
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except FileNotFoundError:
        return int(psutil.Process(pid).memory_info().rss)
    except ProcessLookupError:
        raise psutil.NoSuchProcess(pid) from None
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(("RssAnon:", "RssShmem:")))


def _fork() -> int:
    if sys.platform != "win32":
        return os.fork()
    raise NotImplementedError("nobody is a stranger there: see `is_stranger`")


def _live_confined(
    home: PrivateHome,
    live: Callable[[Mapping[str, Any], Channel], None],
    bounds: Bounds,
    pipes: tuple[int, int],
    parent: int,
) -> None:
    """The whole life of the child; never returns."""
    code = _BAD_END
    try:
        if sys.platform == "linux" and kernel.is_linux():
            kernel.set_process(kernel.DIE_WITH_PARENT, signal.SIGKILL)
        if os.getppid() != parent:
            return
        for number in (signal.SIGTERM, signal.SIGINT):  # the parent tells when to stop
            signal.signal(number, signal.SIG_IGN)
        channel = _only(pipes, home)
        _forget_secrets(home.settings)
        frame = read_frame(channel[0], most_bytes=0)
        if frame is None:
            return
        order = frame[0]
        readable, writable = (tuple(map(Path, order[name])) for name in ("readable", "writable"))
        confine(replace(bounds, readable=readable, writable=writable))
        if missing_protections():
            cut_network()
        live(order["order"], channel)
        code = 0
    except BaseException:  # noqa: BLE001 - the edge of the process: what was forked must not go on with it
        with suppress(OSError):
            traceback.print_exc()
    finally:
        os._exit(code)


def _only(pipes: tuple[int, int], home: PrivateHome) -> Channel:
    """Closes whatever this process has inherited but its pipes; what it prints goes to a file of its own."""
    errors = os.open(home.temporary / _ERRORS, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(errors, 1)
    os.dup2(errors, 2)
    for descriptor in _open_descriptors() - {0, 1, 2, *pipes}:
        with suppress(OSError):  # that of the list itself
            os.close(descriptor)
    _INHERITED.extend((sys.stdin, sys.stdout, sys.stderr))
    sys.stdout = sys.stderr = os.fdopen(2, "w", buffering=1, errors="replace", closefd=False)
    return os.fdopen(pipes[0], "rb"), os.fdopen(pipes[1], "wb")


def _open_descriptors() -> set[int]:
    """Returns what is open; as many as may be where the system does not say which, which can be very many."""
    try:
        return {int(path.name) for path in Path("/proc/self/fd").iterdir()}
    except FileNotFoundError:
        if sys.platform != "win32":
            return set(range(os.sysconf("SC_OPEN_MAX")))
        raise


def _forget_secrets(settings: Settings) -> None:
    """Leaves in the environment what libraries are set up by, and the settings of its own home."""
    for name in [name for name in os.environ if not name.startswith(_HARMLESS)]:
        del os.environ[name]
    folder = str(settings.home_dir / "tmp")
    os.environ.update(settings.environment(), HOME=folder, TMPDIR=folder)
    tempfile.tempdir = folder
