"""Whatever a name is, each page shows it as it is: in no text that Streamlit reads as Markdown does it stand bare."""

import json
import re

import pytest
from google.protobuf.message import Message as Proto

from tests.nasty import LONG, NAME, fill_nasty

PLAIN = {
    "id", "element_id", "user_key", "key", "value", "raw_value", "raw_values", "code_text", "url", "page", "placeholder",
    "default", "mixed", "json", "spec", "query_string", "Selectbox.options", "MultiSelect.options",
}  # fmt: skip
"""Fields of Streamlit's messages that are shown, or used, as they are."""
READ = re.compile(
    r"\*\*bold|\$x\$|https://evil|:red\[hi|(?<!\\)<b>|:tada:|:material/home|www\.evil|who@evil|\[\^_\]\*_"
)
"""What has a meaning in Markdown, of the names."""
ADDRESSES = [
    ("new", {}), ("datasets", {}), ("upload", {}), ("runs", {}), ("models", {}),
    *(("data", {"draft": "table", "view": view}) for view in ("samples", "balance", "columns")),
    *(("data", {"draft": "texts", "view": view}) for view in ("samples", "balance", "lengths")),
    *((page, {"draft": draft}) for page in ("build", "train", "search") for draft in ("table", "texts")),
    *(("run", {"run": "run", "view": view}) for view in ("curves", "evaluation", "settings")),
    ("study", {"study": "study"}),
]  # fmt: skip


@pytest.fixture
def open_nasty(open_page, here):
    """Opens a page of a store full of nasty names."""
    nasty = fill_nasty(here.settings)

    def opened(page, query):
        return open_page(page, **{key: getattr(nasty, value, value) for key, value in query.items()})

    return opened


def markdown_of(proto):
    """Yields the texts of a message of Streamlit's that may be read as Markdown."""
    if isinstance(proto, str):
        yield proto
    elif isinstance(proto, Proto):
        for field, value in proto.ListFields():
            if not {field.name, f"{proto.DESCRIPTOR.name}.{field.name}"} & PLAIN:
                yield from markdown_of(value)
    elif hasattr(proto, "__iter__") and not isinstance(proto, (bytes, dict)):
        for one in proto:
            yield from markdown_of(one)


def protos(app):
    """What is on the page: elements, and the blocks that hold them."""
    return [node.proto for node in app._tree if getattr(node, "proto", None) is not None]


def read_as_markdown(app):
    texts = [text for proto in protos(app) for text in markdown_of(proto)]
    cells = [
        str(cell) for table in app.table for cell in [*table.value.to_numpy().ravel(), *table.value.index]
    ]
    return [*texts, *cells]


def figures(app):
    """The figures of a page as Plotly reads them."""
    return [json.dumps(json.loads(chart.proto.spec)) for chart in app.get("plotly_chart")]


def wrong(texts):
    bare = [text for text in texts if READ.search(text)]
    return bare, [text[:80] for text in texts if len(text) > 1_500 and LONG[:600] in text]


@pytest.mark.parametrize(("page", "query"), ADDRESSES)
def test_names_are_shown_as_they_are(open_nasty, page, query):
    app = open_nasty(page, query)
    assert wrong(read_as_markdown(app)) == ([], [])
    assert [figure for figure in figures(app) if "<b>" in figure or LONG[:600] in figure] == []


def test_the_measure_notices_what_is_bare(open_page):
    app = open_page("new")
    assert wrong([NAME, "fine", LONG]) == ([NAME], [LONG[:80]])
    assert any("Train" in text for text in read_as_markdown(app))
