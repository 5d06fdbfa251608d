"""A file comes in pieces, straight to the disk, however often the connection breaks."""

import asyncio
import errno
import hashlib
import json
import os
import shutil
import time
import tracemalloc
from collections import namedtuple

import pytest
from starlette.testclient import TestClient

from dlcore.datasets import uploads
from dlcore.datasets.uploads import discard, find_upload, new_upload, sweep
from dlcore.settings import Settings
from dlcore.web import uploads as uploads_api
from dlcore.web.context import Context, context

MB = 2**20
NOTHING = {"name": "", "size": 0, "modified": 0, "offset": 0}
CATS = {"name": "cats.zip", "modified": 7}


@pytest.fixture(scope="module")
def application():
    from app import app

    return app


@pytest.fixture
def client(application, here):
    return TestClient(application, base_url="http://localhost")


@pytest.fixture
def token(here):
    return new_upload(here.settings, owner="local").token


def headers(offset, size, name="cats.zip", **more):
    own = {"upload-name": name, "upload-offset": str(offset), "upload-size": str(size)}
    return {"x-dl-studio": "1", "upload-modified": "7", **own, **more}


def put(client, token, data, offset=0, size=None, **more):
    size = len(data) if size is None else size
    return client.put(f"/api/uploads/{token}", content=data, headers=headers(offset, size, **more))


def files(here):
    folder = here.settings.home / "uploads"
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "lock"
    }


async def sent(application, token, receive, more):
    """The status and the answer to a request made of ASGI messages, which no honest client would send."""
    answers = []

    async def send(message):
        answers.append(message)

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "PUT",
        "path": f"/api/uploads/{token}",
        "query_string": b"",
        "headers": [
            (b"host", b"localhost"),
            *((name.encode(), value.encode()) for name, value in more.items()),
        ],
    }
    await asyncio.wait_for(application(scope, receive, send), 120)
    return answers[0]["status"], json.loads(answers[1]["body"])


def body(*parts, last=True):
    """The messages of a body; a connection that breaks after them where the last is not the `last`."""
    for number, part in enumerate(parts, start=1):
        yield {"type": "http.request", "body": part, "more_body": not last or number < len(parts)}
    yield {"type": "http.disconnect"}


def raw(application, token, messages, more):
    async def receive():
        return next(messages)

    return asyncio.run(sent(application, token, receive, more))


def test_a_token_can_be_part_of_a_components_key(token):
    # Streamlit refuses two underscores in a row there.
    assert set(token) <= set("0123456789abcdef") and len(token) == 32


def test_a_file_sent_in_pieces_lies_on_disk_as_it_was(client, here, token):
    first = put(client, token, b"hello ", size=11)
    assert (first.status_code, first.json()) == (200, CATS | {"size": 11, "offset": 6})
    assert not find_upload(token, here.settings).done

    second = put(client, token, b"world", offset=6, size=11)

    assert second.json()["offset"] == 11
    upload = find_upload(token, here.settings)
    assert upload.done
    assert upload.content.read_bytes() == b"hello world"
    assert upload.sha256 == hashlib.sha256(b"hello world").hexdigest()
    assert (upload.name, upload.owner) == ("cats.zip", "local")


def test_a_reader_learns_where_to_go_on(client, token):
    assert client.get(f"/api/uploads/{token}").json() == NOTHING
    put(client, token, b"abc", size=9)
    assert client.get(f"/api/uploads/{token}").json() == CATS | {"size": 9, "offset": 3}
    assert client.head(f"/api/uploads/{token}").status_code == 200


def test_what_came_before_the_connection_broke_is_kept_and_the_rest_follows(application, client, here, token):
    status, answer = raw(application, token, body(b"abc", b"de", last=False), headers(0, 8))
    assert (status, answer["error"], answer["offset"]) == (408, "broken", 5)

    assert put(client, token, b"fgh", offset=5, size=8).status_code == 200

    assert find_upload(token, here.settings).content.read_bytes() == b"abcdefgh"


def test_a_silent_connection_lets_others_in_again(application, client, token, monkeypatch):
    monkeypatch.setattr(uploads_api, "SILENCE_SECONDS", 0.05)
    messages = body(b"ab", last=False)

    async def receive():
        message = next(messages)
        if message["type"] == "http.disconnect":
            await asyncio.Event().wait()
        return message

    assert asyncio.run(sent(application, token, receive, headers(0, 4)))[0] == 408
    assert put(client, token, b"cd", offset=2, size=4).json()["offset"] == 4


@pytest.mark.parametrize("offset", [0, 2, 4])
def test_a_piece_that_begins_elsewhere_is_refused_with_the_right_place(client, here, token, offset):
    put(client, token, b"abc", size=9)
    answer = put(client, token, b"xyz", offset=offset, size=9)
    assert (answer.status_code, answer.json()["error"], answer.json()["offset"]) == (409, "offset", 3)
    assert find_upload(token, here.settings).content.read_bytes() == b"abc"


def test_a_token_takes_one_file(client, here, token):
    put(client, token, b"abc", size=9)
    assert put(client, token, b"def", offset=3, size=9, name="dogs.zip").json()["error"] == "other_file"
    assert put(client, token, b"def", offset=3, size=10).json()["error"] == "other_file"
    changed = {"upload-modified": "8"}
    assert put(client, token, b"def", offset=3, size=9, **changed).json()["error"] == "other_file"
    assert find_upload(token, here.settings).content.read_bytes() == b"abc"


def test_a_cancelled_upload_leaves_no_bytes_and_its_token_takes_another_file(client, here, token):
    put(client, token, b"abc", size=9)
    answer = client.delete(f"/api/uploads/{token}", headers={"x-dl-studio": "1"})
    assert answer.json() == NOTHING
    assert files(here) == {f"{token}/upload.json"}
    assert put(client, token, b"dogs", name="dogs.zip").json()["offset"] == 4


def test_a_finished_upload_is_changed_by_nobody(client, here, token):
    put(client, token, b"abc")
    assert client.delete(f"/api/uploads/{token}", headers={"x-dl-studio": "1"}).json()["error"] == "done"
    assert put(client, token, b"d", offset=3, size=3).json()["error"] == "too_long"
    assert find_upload(token, here.settings).content.read_bytes() == b"abc"


@pytest.mark.parametrize("token", ["a" * 32, "x", "..%2f..%2f..%2fetc%2fpasswd", "a" * 31 + "%00"])
def test_without_a_token_that_a_page_gave_out_nothing_is_taken(client, here, token):
    answer = put(client, token, b"abc")
    assert answer.status_code in (400, 404)
    assert not (here.settings.home / "uploads").exists()


@pytest.mark.parametrize(
    "more",
    [{"origin": "https://evil.example"}, {"origin": "null"}, {"origin": "http://localhost.evil.example"}],
)
def test_a_foreign_page_cannot_send(client, here, token, more):
    assert put(client, token, b"abc", **more).status_code == 403
    guarded = {"x-dl-studio": "1", **more}
    assert client.delete(f"/api/uploads/{token}", headers=guarded).status_code == 403
    assert files(here) == {f"{token}/upload.json"}


def test_our_own_page_can_send_and_must_say_that_it_is_one(client, token):
    own = {"origin": "http://localhost"}
    without = {name: value for name, value in headers(0, 3, **own).items() if name != "x-dl-studio"}
    answer = client.put(f"/api/uploads/{token}", content=b"abc", headers=without)
    assert (answer.status_code, answer.json()["error"]) == (403, "origin")
    assert put(client, token, b"abc", **own).status_code == 200


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../../etc/cron.d/x.zip", "x.zip"),
        ("C%3A%5CUsers%5Cme%5Ccats.zip", "cats.zip"),
        ("%E7%8C%AB.zip", "猫.zip"),
        ("%3Cimg%20src%3Dx%3E.csv", "<img src=x>.csv"),
        ("a%00b%0Ac%E2%80%AE.zip", "abc.zip"),
    ],
)
def test_a_name_is_only_shown_and_never_a_path(client, here, token, name, shown):
    assert put(client, token, b"abc", name=name).json()["name"] == shown
    assert files(here) == {f"{token}/upload.json", f"{token}/content"}


@pytest.mark.parametrize("name", ["", "%20", "a/", "x" * 256, "%FF%FE"])
def test_a_name_that_cannot_be_shown_is_refused(client, here, token, name):
    assert put(client, token, b"abc", name=name).status_code == 400
    assert files(here) == {f"{token}/upload.json"}


@pytest.mark.parametrize("wrong", [{"upload-offset": "-1"}, {"upload-offset": "1e3"}, {"upload-size": ""},
                                   {"upload-size": "٣"}, {"upload-size": "9" * 400}])  # fmt: skip
def test_sizes_that_are_no_numbers_are_refused(client, token, wrong):
    more = {name.encode(): value.encode() for name, value in {**headers(0, 3), **wrong}.items()}
    answer = client.put(f"/api/uploads/{token}", content=b"abc", headers=more)
    assert (answer.status_code, answer.json()["error"]) == (400, "request")


def test_an_empty_file_is_refused(client, token):
    assert put(client, token, b"").json()["error"] == "empty"


def test_a_file_beyond_the_limit_is_refused_before_a_byte_is_stored(client, here, token, monkeypatch):
    small = Context(here.settings.model_copy(update={"max_upload_mb": 1}), here.store)
    monkeypatch.setattr(uploads_api, "context", lambda: small)
    answer = put(client, token, b"abc", size=1_000_001)
    assert (answer.status_code, answer.json()["error"]) == (413, "too_large")
    assert put(client, token, b"abc", size=1_000_000).status_code == 200


def test_a_full_disk_is_said_before_and_while_the_file_comes(client, here, token, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(1, 1, 500_000_008))
    answer = put(client, token, b"abc", size=9)
    assert (answer.status_code, answer.json()["error"]) == (507, "disk")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(1, 1, 500_000_009))

    def full(descriptor, view):
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patched:
        patched.setattr(uploads.os, "write", full)
        assert put(client, token, b"abc", size=9).status_code == 507

    assert put(client, token, b"abc", size=9).json()["offset"] == 3


def test_a_body_longer_than_the_file_is_cut_whatever_its_length_claims(application, here, token):
    claims = {**headers(0, 15), "content-length": "1"}
    status, answer = raw(application, token, body(b"x" * 10, b"x" * 10, b"x" * 10), claims)
    assert (status, answer["error"], answer["offset"]) == (413, "too_long", 10)


def test_a_body_shorter_than_its_length_claims_is_kept_as_it_came(application, here, token):
    claims = {**headers(0, 15), "content-length": "15"}
    status, answer = raw(application, token, body(b"x" * 10), claims)
    assert (status, answer["offset"]) == (200, 10)
    assert not find_upload(token, here.settings).done


def test_a_length_beyond_the_file_is_refused_before_a_byte_is_stored(client, here, token):
    answer = put(client, token, b"x" * 16, size=15)
    assert (answer.status_code, answer.json()["error"], answer.json()["offset"]) == (413, "too_long", 0)


def test_of_two_tabs_that_send_at_once_one_wins(application, here, token):
    async def both():
        begun, go_on = asyncio.Event(), asyncio.Event()
        first, second = body(b"AAA", b"AAA"), body(b"BBBBBB")

        async def slow():
            if begun.is_set():
                await go_on.wait()
            begun.set()
            return next(first)

        async def quick():
            return next(second)

        winner = asyncio.create_task(sent(application, token, slow, headers(0, 6)))
        await begun.wait()
        loser = await sent(application, token, quick, headers(0, 6))
        go_on.set()
        return (await winner)[0], loser[0]

    assert asyncio.run(both()) == (200, 423)
    assert find_upload(token, here.settings).content.read_bytes() == b"AAAAAA"


def test_a_large_file_takes_no_memory(application, here, token):
    size, block = 300 * MB, bytes(MB)
    raw(application, "a" * 32, body(b""), headers(0, 1))  # what the first request imports does not count
    tracemalloc.start()
    try:
        status, answer = raw(application, token, body(*[block] * 300), headers(0, size))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert (status, answer["offset"]) == (200, size)
    assert peak < 8 * MB
    discard(find_upload(token, here.settings))
    assert files(here) == set()


def test_uploads_that_nobody_touched_for_a_day_are_swept(client, here):
    old, fresh = (new_upload(here.settings, owner="local") for _ in range(2))
    for upload in (old, fresh):
        put(client, upload.token, b"abc", size=9)
    yesterday = time.time() - 25 * 3600
    for path in (*old.folder.iterdir(), old.folder):
        os.utime(path, (yesterday, yesterday))

    assert sweep(here.settings) == 1

    assert find_upload(old.token, here.settings) is None
    assert find_upload(fresh.token, here.settings).received == 3


def test_an_upload_survives_a_restart(client, here, token):
    put(client, token, b"abc", size=6)
    context.cache_clear()
    assert put(client, token, b"def", offset=3, size=6).json()["offset"] == 6


def test_tokens_cannot_be_guessed(tmp_path):
    settings = Settings(home=tmp_path)
    tokens = {new_upload(settings, owner="me").token for _ in range(50)}
    assert len(tokens) == 50
    assert all(len(token) == 32 for token in tokens)
