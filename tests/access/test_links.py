"""The cookie with the links that a browser has opened: whatever it holds, little is kept of it."""

import tracemalloc

from dlcore.access.links import MOST, opened_links, token_hash, with_token


def test_what_is_kept_of_cookies_does_not_grow_with_what_strangers_send():
    tracemalloc.start()
    for number in range(300):
        opened_links(f"{number:022d}." + "x" * 100_000)
    kept, _peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert kept < 1_000_000


def test_all_links_of_a_full_cookie_count():
    tokens = [f"{number:022d}" for number in range(MOST)]
    cookie = ""
    for token in tokens:
        cookie = with_token(cookie, token)

    assert opened_links(cookie) == {token_hash(token) for token in tokens}
    assert opened_links(cookie + ".x" * 10_000) == opened_links(cookie)
