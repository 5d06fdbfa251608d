"""Whatever a route is asked, the answer is a plain one, never a crash of ours."""

from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from dlcore.datasets.uploads import new_upload
from dlcore.records import Axis, Metric, Scope, SeriesKey
from dlcore.web.parameters import LARGEST, ParameterError, choice, finite_number, metric_name, whole_number
from tests.ui.conftest import report, running

EDGES = st.sampled_from(
    [
        "", "0", "-1", "1e3", "1" * 27, str(LARGEST), str(LARGEST + 1), "9" * 5_000, "nan", "inf", "-inf", "1e999",
        "٣", "²", "1_000", " 1", "0x10", "null", "true", "\0", "a\0b", "'; --", "%", "loss", "epoch", "batch",
    ]
)  # fmt: skip
ASKS = st.tuples(
    st.sampled_from(["curves", "trials", "log", "run", "study", "status", "runs", "x"]),
    st.sampled_from(["", "0123456789", "0123456789:batch", "a:epoch", "a:epoch:9", "a:epoch:9:loss", "all"])
    | EDGES,
    EDGES,
).map(":".join)
VALUES = st.one_of(EDGES, ASKS, st.integers().map(str), st.floats().map(str), st.text(max_size=50))
NAMES = ("run", "axis", "name", "low", "high", "buckets", "limit", "ask", "lang")


@pytest.fixture(scope="module")
def application():
    from app import app

    return app


@pytest.fixture
def client(application, here):
    return TestClient(application, base_url="http://localhost")


@pytest.fixture
def places(here):
    """The routes with a parameter, with ids that are there."""
    run = running(here)
    report(here, run, [Metric(SeriesKey("loss", Scope.TRAIN, Axis.BATCH), 1, 2.0)])
    upload = new_upload(here.settings, owner="local")
    return {"run": run.id, "study": "0123456789", "token": upload.token}


ROUTES = (
    "/api/feed",
    "/api/window",
    "/api/uploads/{token}",
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(
    route=st.sampled_from(ROUTES),
    query=st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=5),
    identifier=st.none() | VALUES,
)
def test_no_question_makes_a_route_fail(client, places, route, query, identifier):
    ids = places if identifier is None else {name: quote(identifier, safe="") or "x" for name in places}
    parts = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
    answer = client.get(f"{route.format(**ids)}?{parts}", follow_redirects=False)
    # A path with dots or slashes in it is another page, which Streamlit answers or refuses.
    assert answer.status_code < 500
    if answer.status_code == 400 and answer.headers.get("content-type") == "application/json":
        assert "expected" in answer.json()["error"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(
    fields=st.dictionaries(
        st.sampled_from(["upload-name", "upload-offset", "upload-size", "upload-modified", "x-dl-studio"]),
        VALUES.map(lambda text: quote(text, safe=" '_²")),
    ),
    method=st.sampled_from(["PUT", "DELETE"]),
)
def test_no_header_makes_an_upload_fail(client, places, fields, method):
    headers = {name: value.encode("latin-1", "replace") for name, value in fields.items()}
    answer = client.request(method, f"/api/uploads/{places['token']}", content=b"abc", headers=headers)
    assert answer.status_code < 500


@pytest.mark.parametrize(
    "question",
    [
        f"feed?ask=curves:{{run}}:batch:{10**26}",
        "feed?ask=curves:{run}:batch:-1",
        "feed?ask=curves:{run}:batch:",
        "window?run={run}&axis=batch&name=loss&low=nan&high=1",
        "window?run={run}&axis=batch&name=loss&low=0&high=inf",
        "window?run={run}&axis=batch&name=a%00b&low=0&high=1",
        "window?run={run}&axis=batch&low=0&high=1",
        "window?axis=batch&name=loss&low=0&high=1",
        "window?run=a%00b&axis=batch&name=loss&low=0&high=1",
        "window?" + "run={run}&" * 101 + "axis=batch&name=loss&low=0&high=1",
        "window?run={run}&axis=batch&name=loss&low=0&high=1&buckets=1001",
        "feed?ask=curves:{run}:batch:0:0",
        "feed?ask=curves:{run}:batch:many:0",
        "feed?ask=trials:{study}:9223372036854775808",
        "feed?ask=trials:{study}:-1",
    ],
)
def test_what_cannot_be_a_parameter_is_a_bad_request(client, places, question):
    answer = client.get(f"/api/{question.format(**places)}")
    assert answer.status_code == 400
    assert "expected" in answer.json()["error"]


def test_a_parameter_says_what_it_expected_and_what_it_got():
    with pytest.raises(
        ParameterError, match=r"^axis: expected one of batch, epoch, time, probe, got 'side'$"
    ):
        choice({"axis": "side"}, "axis", Axis)
    with pytest.raises(ParameterError, match=r"^low: expected a number, got nothing$"):
        finite_number({}, "low")
    with pytest.raises(
        ParameterError, match=r"^cursor: expected a whole number from 0 to 9223372036854775807, "
    ):
        whole_number({"cursor": "٣"}, "cursor", default=0)


def test_what_can_be_a_parameter_is_taken():
    assert whole_number({"cursor": "9223372036854775807"}, "cursor", default=0) == 9223372036854775807
    assert whole_number({}, "cursor", default=7) == 7
    assert finite_number({"low": "-1.5e3"}, "low") == -1500.0
    assert choice({"axis": "epoch"}, "axis", Axis) is Axis.EPOCH
    assert metric_name({"name": "top_k (5)"}, "name") == "top_k (5)"
