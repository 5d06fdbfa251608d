"""Questions and answers as frames: what comes out is what went in, and what is no frame is refused unread."""

import io
import json
import struct
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from dlcore.datasets.drawing_style import DrawingStyle
from dlcore.errors import Message
from dlcore.queue.frames import FrameError
from dlcore.queue.wire import (
    Answer,
    Drawing,
    Question,
    Recording,
    read_question,
    read_reply,
    write_question,
    write_reply,
)
from dlcore.records.predictions import SCORE, Predictions
from dlcore.records.unlike import Unlikeness
from dlcore.spec.data import Task

FOLDER = Path("/runs/a b")


def sent(question):
    stream = io.BytesIO()
    write_question(stream, question)
    stream.seek(0)
    return read_question(stream, most_bytes=1000)


def frame(header, body=b"", *, of_body=None):
    head = header if isinstance(header, bytes) else json.dumps(header).encode()
    return io.BytesIO(struct.pack(">IQ", len(head), len(body) if of_body is None else of_body) + head + body)


DAY = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "given",
    [
        None,
        "früh",
        b"\x00\xff",
        [{"größe": "1,5", "n": 2, "gap": None}],
        [{"day": DAY, "as text": DAY.isoformat()}, {"day": None, "as text": ""}],
        Drawing(b"\x89PNG", DrawingStyle(0.5, dark_on_light=True)),
    ],
)
def test_a_question_arrives_as_it_was_asked(given):
    assert sent(Question(FOLDER, given)) == Question(FOLDER, given)


def test_pixels_arrive_with_their_form():
    arrived = sent(Question(FOLDER, np.arange(6, dtype=np.uint8).reshape(2, 3))).given

    assert arrived.dtype == np.uint8 and arrived.tolist() == [[0, 1, 2], [3, 4, 5]]


def test_a_recording_arrives_with_its_rate():
    given = sent(Question(FOLDER, Recording(np.array([[1], [-2]], np.int16), 8000))).given

    assert given.rate == 8000
    assert (given.samples.dtype.name, given.samples.tolist()) == ("int16", [[1], [-2]])


def test_an_answer_arrives_with_what_the_model_saw():
    said = Predictions(
        Task.BINARY,
        ("no", "yes"),
        ("a",),
        np.array([[0.25, 0.75]]),
        notes=(Message("n {k}", params={"k": 1}),),
    )
    seen = {"one": np.array([[1.5]], np.float32), "two": np.array([7, 8], np.int32)}
    stream = io.BytesIO()
    write_reply(stream, Answer(said, seen, np.array([9.0], np.float32), np.zeros((1, 2, 3), np.uint8), 0.5))
    stream.seek(0)
    answer = read_reply(stream, most_bytes=100)

    assert answer.predictions[0].values == {"no": 0.25, "yes": 0.75}
    assert answer.predictions[0].chosen == ("yes",)
    assert [note.text() for note in answer.predictions.notes] == ["n 1"]
    assert {name: (one.dtype.name, one.tolist()) for name, one in answer.seen.items()} == {
        "one": ("float32", [[1.5]]),
        "two": ("int32", [7, 8]),
    }
    assert answer.shown.shape == (1, 2, 3)
    assert answer.returned.tolist() == [9.0] and answer.seconds == 0.5


def test_a_score_arrives_with_its_threshold():
    said = Predictions(Task.RECONSTRUCTION, (SCORE,), ("a", "b"), np.array([[2.0], [1.0]]), threshold=1.0)
    stream = io.BytesIO()
    write_reply(stream, Answer(said))
    stream.seek(0)
    predictions = read_reply(stream, most_bytes=100).predictions

    assert predictions.threshold == 1.0
    assert [one.unusual for one in predictions] == [True, False]


@pytest.mark.parametrize("unlike", [Unlikeness(3.0, 2.0, -1.5, -4.0), Unlikeness(1.0, 2.0), None])
def test_an_answer_says_how_unlike_the_sample_is_where_that_is_known(unlike):
    stream = io.BytesIO()
    write_reply(stream, Answer(unlike=unlike))
    stream.seek(0)
    assert read_reply(stream, most_bytes=100).unlike == unlike


def test_a_reason_arrives_as_a_message():
    stream = io.BytesIO()
    write_reply(stream, Message("no: {why}.", "Do it.", "here", {"why": 3}))
    stream.seek(0)

    assert read_reply(stream, most_bytes=0).text() == "here: no: 3. Do it."


@pytest.mark.parametrize("length", [0, 5, 12, 20])
def test_a_stream_that_ends_anywhere_is_an_end(length):
    stream = io.BytesIO()
    write_question(stream, Question(FOLDER, b"x" * 50))
    assert len(stream.getvalue()) > 60

    assert read_question(io.BytesIO(stream.getvalue()[:length]), most_bytes=1000) is None


@pytest.mark.parametrize(
    "stream",
    [
        frame({"folder": "f", "form": "bytes"}, b"x" * 1001),
        frame({"folder": "f", "form": "bytes"}, of_body=2**63),
        io.BytesIO(struct.pack(">IQ", 2**32 - 1, 0)),
        frame(b"\xff\xff"),
        frame(b"[" * 100_000),
        frame([1]),
        frame({"form": "bytes"}),
        frame({"folder": 3, "form": "bytes"}),
        frame({"folder": "f", "form": {"type": "object", "shape": [1]}}, b"x" * 8),
        frame({"folder": "f", "form": {"type": "uint8", "shape": [-1]}}, b"x"),
        frame({"folder": "f", "form": {"type": "uint8", "shape": [2**40, 2**40]}}, b"x"),
        frame({"folder": "f", "form": {"type": "uint8", "shape": [5]}}, b"x"),
        frame({"folder": "f", "form": 7}, b"x"),
    ],
)
def test_what_is_no_question_is_refused(stream):
    with pytest.raises(FrameError):
        read_question(stream, most_bytes=1000)


def test_a_reply_that_claims_more_than_it_brings_is_refused():
    form = {"type": "float32", "shape": [4]}
    with pytest.raises(FrameError):
        read_reply(
            frame({"predictions": None, "arrays": {"seen.x": form}, "seconds": 0}, b"1234"),
            most_bytes=100,
        )
