"""The dashboard's side of the process that answers: whatever becomes of that process, there is a word, and no hang."""

import sys
import threading

import numpy as np
import psutil
import pytest

from dlcore.errors import DatasetError, Message, NotFoundError
from dlcore.queue import submit
from dlcore.queue.asked_process import IDLE_SECONDS
from dlcore.queue.predictor import OVER_MEMORY, PredictorProcess
from dlcore.queue.ready import example
from dlcore.queue.wire import Drawing, Recording
from dlcore.settings import Settings
from tests.waiting import wait_for

pytestmark = pytest.mark.processes

CHILD = f"""
import json, os, struct, sys, time
# As `dlcore.queue.frames` has it, the import of which would take seconds.
LENGTHS = struct.Struct(">IQ")

def reply(header):
    head = json.dumps(header).encode()
    sys.stdout.buffer.write(LENGTHS.pack(len(head), 0) + head)
    sys.stdout.flush()

while start := sys.stdin.buffer.read(LENGTHS.size):
    of_header, of_body = LENGTHS.unpack(start)
    given = json.loads(sys.stdin.buffer.read(of_header)).get("value")
    sys.stdin.buffer.read(of_body)
    if given == "hang":
        print("hangs", os.getpid(), file=sys.stderr, flush=True)
        time.sleep(1000)
    if given == "die":
        os._exit(3)
    if given == "grow":
        os._exit({OVER_MEMORY})
    if given == "babble":
        sys.stdout.buffer.write(b"\\xff" * 100)
        sys.stdout.flush()
        time.sleep(1000)
    if given == "refuse":
        reply({{"reason": {Message("no: {why}.", params={"why": 1}).to_dict()!r}}})
        continue
    reply({{"predictions": None, "arrays": {{}}, "seconds": os.getpid()}})
"""


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture(scope="module")
def clock():
    return Clock()


@pytest.fixture(scope="module")
def predictor(tmp_path_factory, clock):
    """One for all tests: each goes on with the process of the one before, or with another."""
    folder = tmp_path_factory.mktemp("predictor")
    settings = Settings(home=folder / "home", KERAS_HOME=folder / "keras")
    settings.home.mkdir()
    made = PredictorProcess(settings, (sys.executable, "-c", CHILD), clock)
    yield made
    made.close()


@pytest.fixture
def ask(predictor, store):
    run = submit(store, example(), owner="local").id
    return lambda given=None, **options: predictor.ask(store, run, given, **options)


def hangs(predictor, pid):
    """Whether that process has got the question that it never answers."""
    return f"hangs {pid}\n" in (predictor._settings.home / "worker.log").read_text()


def test_one_process_answers_again_and_again(ask, predictor):
    first, second = ask("a"), ask([{"x": 1}])

    assert first.seconds == second.seconds == predictor.pid


def test_nothing_is_started_before_there_is_a_run_to_ask(settings, store):
    fresh = PredictorProcess(settings, (sys.executable, "-c", CHILD))
    assert fresh.pid is None
    with pytest.raises(NotFoundError):
        fresh.ask(store, "nowhere", "a")
    assert fresh.pid is None


def test_a_reason_is_raised_as_it_was_given(ask):
    with pytest.raises(DatasetError, match=r"no: 1\."):
        ask("refuse")


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ("die", r"ended unexpectedly \(exit code 3\)"),
        ("grow", "it needs more than the .* MB of memory .* DLCORE_PREDICTOR_MB"),
        ("babble", "ended unexpectedly"),
    ],
)
def test_a_process_that_ends_in_mid_answer_is_said_and_the_next_question_is_answered(ask, given, word):
    before = ask("a").seconds
    with pytest.raises(DatasetError, match=word):
        ask(given)

    assert ask("a").seconds != before


def test_a_process_killed_from_outside_while_it_answers_is_said(ask, predictor):
    ask("a")
    pid, said = predictor.pid, []

    def hang():
        with pytest.raises(DatasetError, match="ended unexpectedly") as caught:
            ask("hang")
        said.append(caught)

    asking = threading.Thread(target=hang)
    asking.start()
    wait_for(lambda: hangs(predictor, pid))
    psutil.Process(pid).kill()
    asking.join(60)

    assert said and ask("a").seconds != pid


def test_a_process_killed_between_two_questions_is_replaced_without_a_word(ask, predictor):
    before = predictor.pid or ask("a").seconds
    psutil.Process(int(before)).kill()
    wait_for(lambda: predictor.pid is None)

    assert ask("a").seconds != before


def test_an_answer_that_takes_too_long_is_given_up_and_its_process_ended(ask, predictor):
    pid = int(ask("a").seconds)
    with pytest.raises(DatasetError, match=r"it took longer than the 0\.5 seconds"):
        ask("hang", seconds=0.5)

    assert not psutil.pid_exists(pid)
    assert ask("a").seconds != pid


def test_a_process_that_has_stopped_reading_holds_nobody_up(ask, predictor):
    pid = int(ask("a").seconds)
    psutil.Process(pid).suspend()
    with pytest.raises(DatasetError, match="it took longer"):
        ask(np.zeros(4_000_000, np.uint8), seconds=0.5)  # more than a pipe holds

    assert not psutil.pid_exists(pid)


def test_an_idle_process_ends_and_the_next_question_starts_another(ask, predictor, clock):
    pid = int(ask("a").seconds)
    clock.now += IDLE_SECONDS - 1
    predictor.end_if_idle()
    assert predictor.pid == pid
    ask("a")
    clock.now += 2
    predictor.end_if_idle()
    assert predictor.pid == pid

    clock.now += IDLE_SECONDS
    predictor.end_if_idle()
    assert predictor.pid is None and not psutil.pid_exists(pid)
    assert ask("a").seconds != pid


def test_closing_ends_the_process_even_while_it_answers(ask, predictor):
    pid = int(ask("a").seconds)
    said = []

    def hang():
        with pytest.raises(DatasetError) as caught:
            ask("hang")
        said.append(caught)

    asking = threading.Thread(target=hang)
    asking.start()
    wait_for(lambda: hangs(predictor, pid))
    predictor.close()
    asking.join(60)

    assert said and not psutil.pid_exists(pid)


def test_a_process_ends_with_the_one_that_started_it(ask, predictor):
    """Its input ends then, whatever has ended that one."""
    pid = int(ask("a").seconds)
    child = predictor._child
    child.stdin.close()  # as the system does for one that was killed

    assert child.wait(60) == 0 and not psutil.pid_exists(pid)


@pytest.mark.parametrize(
    "given", [b"x" * (3 * 2**19), Drawing(b"x" * (3 * 2**19)), Recording(np.zeros(3 * 2**18, np.int16), 1)]
)
def test_what_is_beyond_the_limit_is_not_sent(settings, store, given):
    small = settings.model_copy(update={"max_file_bytes": 2**20})
    predictor = PredictorProcess(small, ("/nowhere",))
    run = submit(store, example(), owner="local").id
    with pytest.raises(DatasetError, match=r"expected at most 1\.0 MB, got 1\.5 MB"):
        predictor.ask(store, run, given)


def test_a_process_that_cannot_be_started_is_said(settings, store):
    predictor = PredictorProcess(settings, ("/nowhere/python",))
    run = submit(store, example(), owner="local").id
    with pytest.raises(DatasetError, match="cannot be started: No such file"):
        predictor.ask(store, run, "a")
