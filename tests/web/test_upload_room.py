"""Of small files Streamlit keeps a few for each open page, whatever is sent."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from dlcore.web.upload_room import MOST_FILES, MOST_OF_ALL, UploadRoom


@pytest.fixture
def kept():
    """What Streamlit keeps, by the session."""
    return {}


@pytest.fixture
def client(kept):
    async def keep(request):
        kept.setdefault(request.path_params["session"], {})[request.path_params["file"]] = b"x"
        return PlainTextResponse("kept")

    route = Route("/_stcore/upload_file/{session}/{file}", keep, methods=["PUT", "DELETE"])
    return TestClient(Starlette(routes=[route], middleware=[Middleware(UploadRoom, kept=lambda: kept)]))


def statuses(client, session, count, method="PUT"):
    return [client.request(method, f"/_stcore/upload_file/{session}/{n}").status_code for n in range(count)]


def test_a_page_keeps_a_few_files(client, kept):
    assert statuses(client, "mine", MOST_FILES + 3) == [200] * MOST_FILES + [413] * 3
    assert statuses(client, "another", 1) == [200]
    assert len(kept["mine"]) == MOST_FILES


def test_what_is_removed_makes_room(client, kept):
    statuses(client, "mine", MOST_FILES)
    assert statuses(client, "mine", 1, "DELETE") == [200]
    kept["mine"].popitem()

    assert statuses(client, "mine", 1) == [200]


def test_all_pages_together_keep_no_more_than_there_is_room_for(client, kept):
    kept.update({str(n): {"a": b""} for n in range(MOST_OF_ALL)})

    assert statuses(client, "mine", 1) == [413]
