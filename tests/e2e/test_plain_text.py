"""What Chromium shows of texts that somebody gave: alone, in all that reads Markdown, and on every page."""

import json
import random
import subprocess
import sys
from contextlib import suppress

import pytest
from playwright.sync_api import Error as PlaywrightError

from dlcore.settings import Settings
from tests.e2e.conftest import ROOT, ready
from tests.e2e.looks import lasting
from tests.nasty import NAME, fill_nasty
from tests.waiting import PATIENCE, wait_for

NASTY = (
    "**bold** $x$ https://evil.example :red[hi] <b>", "^[^_]*_", ":smile: :+1:", ":material/home:", ":streamlit:",
    "www.evil.example", "WWW.evil.example", "somebody@evil.example", "<https://evil.example>", "[a](https://b.c)",
    "a -> b <- c <-> d -- e", ">= 3 <= 4 ~= 5", "--", "->", "---", "***", "# heading", "1. one", "2) two", "- a", "+ b",
    "* c", "> quoted", "    code", "`code`", "```\ncode\n```", "a\nb", "~~gone~~", "~gone~", "| a | b |\n|---|---|",
    "&lt;b&gt; &amp;", "\\", "\\*a\\*", "![a](b.png)", "[^1]: note", "[ ] task", "x_y_z _em_ __strong__", "::name", ":::name",
    "::help", ":help[x]", ":small[x]", ":red-badge[x]", ":color[x]{foreground=red}", "@{foreground=red}", "$$x$$", "$5 and $6",
    "a" * 300, "=", "===", "ftp://a.b", "http://", "a:b:c", "12:30:45 :smile:", "C:\\temp", "<!-- no -->", "<br/>", "&#58;",
)  # fmt: skip
PIECES = [
    *"\\`*_[](){}:$#<>~|&!@.-+=/ ",
    "http",
    "https://",
    "www.",
    "smile",
    "material/home",
    "red",
    "x",
    "1",
    "中",
    "a@b.c",
]
SCRIPT = """
import json, sys
import streamlit as st
from dlcore.ui.shared.markdown import escape_markdown, format_code
for place, text in enumerate(json.load(open({corpus!r}))):
    with st.container(key=f"text-{{place}}"):
        st.markdown(escape_markdown(text))
        st.markdown("**" + escape_markdown(text) + "** · " + escape_markdown(text))
        st.caption(escape_markdown(text))
        st.button(escape_markdown(text), key=f"button{{place}}")
        st.table({{escape_markdown(text): escape_markdown(text)}})
        st.title(escape_markdown(text), anchor=False)
        st.markdown(":small[" + escape_markdown(text) + "]")
st.container(key="the-end").markdown(format_code("^[^_]*_"))
"""
SHOWN = """() => [...document.querySelectorAll('[class*="st-key-text-"]')].map((place) => {
    const parts = [...place.querySelectorAll('[data-testid="stMarkdownContainer"], td, h1 [data-heading-text]')]
        .filter((part) => !part.querySelector('[data-testid="stMarkdownContainer"]'));
    const made = "a, em, code, pre, img, [role=img], ul, ol, blockquote, hr, del, .katex, input, [class*=Colored], [class*=Badge]";
    return [parts.map((part) => part.textContent), [...place.querySelectorAll(made)].map((one) => one.outerHTML)];
})"""


def corpus():
    """The nasty texts, and as many made of their pieces by chance."""
    chance = random.Random(8)
    mixed = ["".join(chance.choices(PIECES, k=chance.randint(2, 9))) for _ in range(90)]
    return [*NASTY, *(text for text in mixed if text.strip())]


@pytest.fixture
def shown(chromium, tmp_path, free_port):
    """What a page of all those texts shows: for each the texts in its elements, and what is more than text."""
    (tmp_path / "corpus.json").write_text(json.dumps(corpus()))
    (tmp_path / "page.py").write_text(SCRIPT.format(corpus=str(tmp_path / "corpus.json")))
    page = chromium.new_page()
    page.set_default_timeout(1000 * PATIENCE)
    options = [f"--server.port={free_port}", "--server.headless=true", "--server.fileWatcherType=none"]
    command = [sys.executable, "-m", "streamlit", "run", str(tmp_path / "page.py"), *options]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def is_there():
        assert server.poll() is None
        with suppress(PlaywrightError):  # it does not listen yet
            return page.goto(f"http://127.0.0.1:{free_port}")

    try:
        wait_for(is_there)
        page.locator(".st-key-the-end code").wait_for()
        page.wait_for_function("() => !document.querySelector('[data-testid=stSkeleton]')")
        yield page.evaluate(SHOWN)
    finally:
        page.close()
        server.kill()
        server.wait()


def test_a_text_is_shown_as_it_was_given_and_nothing_arises_from_it(shown):
    wrong = []
    for text, (parts, more) in zip(corpus(), shown, strict=True):
        given = " ".join(text.split())
        bold = f"{given} · {given}"
        if parts != [given, bold, given, given, given, given, given, given] or more:
            wrong.append((text, [part for part in parts if part not in (given, bold)], more))
    assert wrong == []


ARISEN = """() => [...document.querySelectorAll('[data-testid=stMain] *')]
    .filter((one) => one.matches('a[href^="http"][href*="evil"], a[href^="mailto"], b, .katex') ||
        (one.matches('strong, em, .stMarkdownColoredText, [role=img]') && ["bold", "[^", "hi", "home"].includes(one.textContent)))
    .map((one) => one.outerHTML)"""
WIDER = """() => [...document.querySelectorAll('[data-testid=stMain] :is(p, td, li, label, h1, h2, h3, button, svg.main-svg)')]
    .filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > innerWidth + 1)
    .filter((one) => !one.closest('[class*="st-key-icon-"], [data-testid=stTable], [role=tablist]'))
    .map((one) => `${one.tagName} ${one.textContent.slice(0, 40)} ${one.getBoundingClientRect().right}`)"""


@pytest.fixture(scope="module")
def paths(server):
    """Every page of a store full of nasty names, and a text that it shows as it is."""
    nasty = fill_nasty(Settings(home=server.home))
    views = [
        (f"/data?draft={draft}&view={view}", NAME)
        for draft in (nasty.table, nasty.texts)
        for view in ("samples", "balance")
    ]
    return [
        *views,
        *((f"/{page}?draft={nasty.table}", NAME) for page in ("build", "train", "search")),
        ("/runs", None),
        ("/datasets", NAME),
        ("/upload", None),
        (f"/run?run={nasty.run}", NAME),
        (f"/run?run={nasty.run}&view=evaluation", NAME),
        (f"/study?study={nasty.study}", NAME),
    ]


def too_wide(page):
    """What does not fit a page."""
    scrolls = page.evaluate("() => document.documentElement.scrollWidth > innerWidth")
    return [*page.evaluate(WIDER), *(["the page scrolls sideways"] if scrolls else [])]


def test_every_page_shows_names_as_they_are(page, paths):
    wrong = {}
    for path, text in paths:
        page.set_viewport_size({"width": 1440, "height": 1000})
        page.goto(path)
        ready(page)
        page.wait_for_load_state("networkidle")
        if text is not None:
            page.get_by_text(text).first.wait_for(state="attached")
        found = [*page.evaluate(ARISEN), *lasting(page, too_wide)]
        page.set_viewport_size({"width": 390, "height": 1000})
        if found := [*found, *lasting(page, too_wide)]:
            wrong[path] = found
    assert wrong == {}


def test_what_the_policy_refuses_on_a_page_is_heard(page, refusals):
    page.goto("/")
    elsewhere = "document.body.append(Object.assign(new Image(), {src: 'https://evil.example/a.png'}))"
    with page.expect_console_message(lambda message: "Content Security Policy" in message.text):
        page.evaluate(elsewhere)

    assert len(refusals) == 1
    assert "https://evil.example/a.png" in refusals.pop()
