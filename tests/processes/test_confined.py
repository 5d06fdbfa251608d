"""What a process that works for a stranger can and cannot do; each is a real one, for its confinement is for good."""

import json
import mmap
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from dlcore.access.actors import EVERYBODY, Actor
from dlcore.confinement import Bounds, missing_protections
from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.intake import ingest
from dlcore.design.templates import proposal
from dlcore.processes import confined
from dlcore.processes.confined import ConfinedProcess, is_stranger, trains_for_stranger
from dlcore.processes.ending import how_it_ended
from dlcore.processes.private import private_home, sweep_private
from dlcore.queue import submit
from dlcore.queue.frames import write_frame
from dlcore.queue.ready import example
from dlcore.settings import Settings
from dlcore.store import Store
from tests.waiting import wait_for

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(bool(missing_protections()), reason="this machine cannot confine a process"),
]

MB = 2**20


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path / "home", KERAS_HOME=tmp_path / "keras", confined_disk_mb=20)


@pytest.fixture
def home(settings):
    with private_home(settings, "ann") as made:
        yield made


def result_of(home, live, *, order=None, bounds=None, readable=(), writable=()):
    """Returns what a process said, and why it ended if it did not do so by itself."""
    process = ConfinedProcess(home, live, bounds or Bounds(), how_it_ended)
    process.begin(order or {}, readable=readable, writable=writable)
    said = [header for header, _body in process.heard()]
    return said, process.wait()


def say(channel, **what):
    write_frame(channel[1], what)


def attempt_all(order, channel):
    """Tries what a process taken over would try, and says what became of it."""

    def connect():
        socket.create_connection(("127.0.0.1", order["port"]), timeout=2)

    def connect_file():
        with socket.socket(socket.AF_UNIX) as one:
            one.connect(order["socket"])

    attempts = {
        "read the store": lambda: Path(order["store"]).read_bytes(),
        "write the store": lambda: os.open(order["store"], os.O_WRONLY),
        "cut the store short": lambda: os.truncate(order["store"], 0),
        "cut it short otherwise": lambda: os.open(order["store"], os.O_RDONLY | os.O_TRUNC),
        "read another's file": lambda: Path(order["other"]).read_bytes(),
        "list the home": lambda: list(Path(order["store"]).parent.iterdir()),
        "read the users": lambda: Path("/etc/passwd").read_text(),
        "read the parent's secrets": lambda: Path(f"/proc/{os.getppid()}/environ").read_bytes(),
        "write to /tmp": lambda: Path("/tmp/dlcore-was-here").write_text("x"),
        "connect": connect,
        "connect to a file": connect_file,
        "fork": os.fork,
        "run a program": lambda: subprocess.run([sys.executable, "-c", ""], check=True),
        "end the parent": lambda: os.kill(os.getppid(), signal.SIGKILL),
        "leave a link": lambda: (Path(order["own"]) / "link").symlink_to("/etc/passwd"),
        "leave a pipe": lambda: os.mkfifo(Path(order["own"]) / "pipe"),
        "write its own": lambda: (Path(order["own"]) / "note").write_text("x"),
        "read what it was given": lambda: Path(order["given"]).read_bytes(),
        "write what it was given": lambda: Path(order["given"]).write_bytes(b""),
        "begin a thread": lambda: threading.Thread(target=int).start(),
    }
    outcomes = {}
    for what, act in attempts.items():
        try:
            act()
            outcomes[what] = "done"
        except OSError as error:
            outcomes[what] = type(error).__name__
    say(channel, outcomes=outcomes, environment=dict(os.environ))


def test_a_process_taken_over_reaches_nothing_but_its_own(settings, home, tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")
    monkeypatch.setenv("DLCORE_DATABASE_URL", "postgresql://me:hush@localhost/x")
    store = Store.open(settings)
    store.close()
    places = {name: tmp_path / name for name in ("other", "given", "own")}
    for name in ("other", "given"):
        places[name].write_text("theirs")
    places["own"].mkdir()
    file = settings.home_dir / "store.sqlite"
    before = file.read_bytes()
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as of_file:
        of_file.bind(str(tmp_path / "socket"))
        of_file.listen()
        order = {name: str(path) for name, path in places.items()}
        order |= {"store": str(file), "port": server.getsockname()[1], "socket": str(tmp_path / "socket")}
        said, ended = result_of(
            home, attempt_all, order=order, readable=[places["given"]], writable=[places["own"]]
        )
    assert ended is None
    (found,) = said
    allowed = {"write its own", "read what it was given", "begin a thread"}
    assert {what for what, outcome in found["outcomes"].items() if outcome == "done"} == allowed
    assert {found["outcomes"][what] for what in found["outcomes"].keys() - allowed} == {"PermissionError"}
    assert (file.read_bytes(), places["given"].read_text()) == (before, "theirs")
    assert [path.name for path in places["own"].iterdir()] == ["note"]
    assert "hush" not in json.dumps(found["environment"])
    assert found["environment"]["DLCORE_HOME"] == str(home.folder)


def fill_memory(order, channel):
    say(channel, begun=True)
    held = [mmap.mmap(-1, 8 * MB) for _ in range(40)]
    for one in held:
        one.write(b"x" * len(one))
        time.sleep(0.02)
    say(channel, filled=True)


def test_memory_beyond_the_limit_ends_it_however_it_is_had(home):
    said, ended = result_of(home, fill_memory, bounds=Bounds(memory_bytes=64 * MB))
    assert said == [{"begun": True}]
    assert ended.text().startswith("it needs more than the 64 MB of memory that it may use here.")


def fill_a_list(order, channel):
    try:
        bytearray(256 * MB)
    except MemoryError:
        say(channel, refused=True)


@pytest.mark.parametrize("by_address_space", [True, False])
def test_memory_is_refused_before_it_is_used(home, by_address_space):
    bounds = Bounds(memory_bytes=64 * MB, by_address_space=by_address_space)
    assert result_of(home, fill_a_list, bounds=bounds) == ([{"refused": True}], None)


def fill_disk(order, channel):
    for number in range(1_000):
        (Path(order["own"]) / f"{number}.bin").write_bytes(bytes(MB))
        time.sleep(0.005)
    say(channel, filled=True)


def test_room_on_the_disk_beyond_the_limit_ends_it(home, tmp_path):
    own = tmp_path / "own"
    own.mkdir()
    said, ended = result_of(home, fill_disk, order={"own": str(own)}, writable=[own])
    assert (said, ended.text().split(".")[0]) == ([], "it would take more than 20 MB of room on the disk")


def write_large(order, channel):
    try:
        (Path(order["own"]) / "large").write_bytes(bytes(2 * MB))
    except OSError as error:
        say(channel, errno=error.errno)


def test_a_file_beyond_the_limit_is_refused(home, tmp_path):
    bounds = Bounds(file_bytes=MB)
    said, ended = result_of(home, write_large, order={"own": str(home.temporary)}, bounds=bounds)
    assert (said, ended) == ([{"errno": 27}], None)


def spin(order, channel):
    while True:
        pass


def test_processor_time_beyond_the_limit_ends_it(home):
    said, ended = result_of(home, spin, bounds=Bounds(seconds=1))
    assert (said, ended.text()) == ([], how_it_ended(-signal.SIGXCPU).text())


def begin_threads(order, channel):
    for _ in range(60):
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    time.sleep(60)


def test_more_threads_than_allowed_end_it(home, monkeypatch):
    monkeypatch.setattr(confined, "MOST_THREADS", 30)
    said, ended = result_of(home, begin_threads)
    assert (said, ended.text()) == ([], "it began more threads than a process may have here.")


def talk(order, channel):
    while True:
        say(channel, text="x" * 10_000)


def test_one_that_reports_without_end_is_ended(home, monkeypatch):
    monkeypatch.setattr(confined, "MOST_SAID", MB)
    said, ended = result_of(home, talk)
    assert len(said) < 110
    assert ended.text() == "it reported more than is kept of one run."


def fail(order, channel):
    print("what\x1b[31m it\u202e printed", file=sys.stderr)
    raise ValueError("a bug")


def test_a_bug_in_it_is_told_in_plain_lines(home, capfd):
    said, ended = result_of(home, fail)
    assert (said, ended.text()) == ([], how_it_ended(70).text())
    told = capfd.readouterr().err
    assert "what?[31m it? printed" in told
    assert "ValueError: a bug" in told


ORPHAN = """
import sys, time
from pathlib import Path
from dlcore.confinement import Bounds
from dlcore.processes.confined import ConfinedProcess
from dlcore.processes.private import private_home
from dlcore.settings import Settings
with private_home(Settings(home=sys.argv[1]), "ann") as home:
    process = ConfinedProcess(home, lambda order, channel: time.sleep(600), Bounds(), str)
    process.begin({}, readable=[], writable=[])
    print(process.pid, flush=True)
    time.sleep(600)
"""


def test_it_ends_with_its_parent_however_that_ends(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", ORPHAN, tmp_path], stdout=subprocess.PIPE, text=True
    ) as parent:
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
        wait_for(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)


def list_data(order, channel):
    settings = Settings.from_environment()
    found = {path.name: path.is_dir() for path in settings.stored_dir.iterdir()}
    try:
        found["others"] = len(list(Path(order["others"]).iterdir()))
    except PermissionError:
        found["others"] = "refused"
    say(channel, found=found)


def test_of_the_datasets_it_sees_the_one_that_it_is_about(settings, home):
    for name in ("mine", "theirs"):
        (settings.stored_dir / name).mkdir(parents=True)
    home.show_dataset("mine")
    home.show_dataset("../runs")
    home.show_dataset("..")
    order = {"others": str(settings.stored_dir / "theirs")}
    assert result_of(home, list_data, order=order) == ([{"found": {"mine": True, "others": "refused"}}], None)


def test_what_was_prepared_for_an_owner_is_kept_for_a_while(settings):
    with private_home(settings, "ann") as home:
        (home.settings.prepared_dir / "arrays").write_text("x")
    with private_home(settings, "ann") as home:
        assert (home.settings.prepared_dir / "arrays").read_text() == "x"
    with private_home(settings, "bob") as home:
        assert not (home.settings.prepared_dir / "arrays").exists()
    sweep_private(settings, before=time.time() - 60)
    assert len(list(settings.confined_dir.iterdir())) == 2
    sweep_private(settings, before=time.time() + 60)
    assert list(settings.confined_dir.iterdir()) == []


def test_strangers_are_all_but_the_owner_of_the_machine(tmp_path):
    with_mode = {mode: Settings(home=tmp_path / mode, mode=mode) for mode in ("local", "demo")}
    for mode, settings in with_mode.items():
        store = Store.open(settings)
        store.visitors.add(Actor("v1"))
        found = {owner: is_stranger(store, owner) for owner in ("local", EVERYBODY, "v1", "ann")}
        assert found == {"local": False, EVERYBODY: False, "v1": True, "ann": mode == "demo"}
        store.close()


def test_a_run_of_the_machines_owner_is_confined_if_a_stranger_has_brought_its_data(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text("size,label\n" + "".join(f"{n}.5,{'ab'[n % 2]}\n" for n in range(60)))
    confined_in = {}
    for mode in ("demo", "local"):
        settings = Settings(home=tmp_path / mode, mode=mode)
        store = Store.open(settings)
        specs = {"digits": example()}
        for owner in ("local", "ann"):
            known = ingest(path, settings, Choices(name=f"of_{owner}"), owner=owner).facts
            specs[known.name] = proposal(known)
        runs = {name: submit(store, spec, owner="local") for name, spec in specs.items()}
        confined_in[mode] = {name for name, run in runs.items() if trains_for_stranger(store, run)}
        assert trains_for_stranger(store, submit(store, example(), owner="ann")) == (mode == "demo")
        shutil.rmtree(settings.stored_dir / "of_ann")
        assert not trains_for_stranger(store, runs["of_ann"])
        store.close()
    assert confined_in == {"demo": {"of_ann"}, "local": set()}
