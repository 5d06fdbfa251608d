"""Requests that no page of ours would send: each route with wrong methods, ids, parameters, headers, cookies and bodies."""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from urllib.parse import quote, quote_from_bytes

from dlcore.access.permissions import Kind
from dlcore.ui.live import VIEWS
from dlcore.ui.shared.i18n import texts as words
from dlcore.ui.shared.sharing import page_address
from dlcore.web.charts import NEWS
from dlcore.web.server import routes
from tests.acceptance.hostile_app.people import Person

METHODS = (
    "GET",
    "GET",
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "DELETE",
    "PATCH",
    "OPTIONS",
    "TRACE",
    "CONNECT",
    "PROPFIND",
    "get",
    "X" * 200,
)
PAGES = (
    "", "new", "runs", "datasets", "models", "gallery", "upload", "data", "build", "train", "search", "run", "compare",
    "study", "studies", "first", "nowhere", "pages/run.py", "run/../run", "index.html",
)  # fmt: skip
STREAMLITS = (
    "/_stcore/health", "/_stcore/host-config", "/_stcore/stream", "/_stcore/metrics", "/_stcore/agent/mcp",
    "/_stcore/agent/openapi.json", "/_stcore/upload_file/{session}/{name}", "/_stcore/script-health-check",
    "/_stcore/bidi-components/{name}", "/_stcore//stream", "/media/{name}", "/component/{name}", "/static/{name}",
    "/app/static/{name}", "/auth/login", "/auth/logout", "/oauth2callback", "/sign-in", "/{name}",
)  # fmt: skip
"""What Streamlit itself serves, open or closed."""
RAW = (
    b"", b"\r\n\r\n", b"\x00" * 100, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"GET  HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nhost\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\xff" * 300,
    b"GET http://evil.example/ HTTP/1.1\r\nhost: evil.example\r\n\r\n", b"GET //evil.example/%2f.. HTTP/1.1\r\nhost: localhost\r\n\r\n",
    b"GET / HTTP/1.1\nhost: localhost\n\n", b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nhost: localhost\r\n\r\n",
    b"GET / HTTP/1.1\r\nhost: localhost\r\nx: " + b"a" * 70_000 + b"\r\n\r\n", b"GET /\xff\xfe HTTP/1.1\r\nhost: localhost\r\n\r\n",
    b"GET /?q=\x00 HTTP/1.1\r\nhost: localhost\r\n\r\n", b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: -1\r\n\r\n",
    b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 99999999999999999999\r\n\r\nx",
    b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /runs HTTP/1.1\r\n\r\n",
    b"POST / HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\nZZZ\r\nx\r\n0\r\n\r\n",
)  # fmt: skip
"""What is hardly HTTP."""


@dataclass
class Attack:
    """One attempt, in the bytes that are sent.

    Attributes:
        what: it is, for whoever reads of a fault.
        parts: sent one after the other.
        pause: seconds between them.
        hurry: whether it leaves without an answer.
        is_whole: whether the server can know that nothing follows.
    """

    what: str
    parts: list[bytes]
    pause: float = 0.0
    hurry: bool = False
    is_whole: bool = True


@dataclass
class Attacker:
    """Makes attempts out of a seed.

    Attributes:
        me: whose cookie is sent.
        victim: whose things are asked for.
        texts: put wherever a text is taken.
        documents: sent as bodies.
        files: sent as uploads, with their names.
        rng: decides all.
        links: tokens that a browser may have opened.
    """

    me: Person
    victim: Person
    texts: Sequence[str]
    documents: Sequence[bytes]
    files: Sequence[tuple[str, bytes]]
    rng: Random
    links: Sequence[str] = ()
    paths: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        own = [route.path for route in routes(VIEWS, page_address, words)]
        self.paths = [*own, *STREAMLITS]

    def one(self) -> Attack:
        """The next attempt."""
        kinds: Sequence[tuple[int, Callable[[], Attack]]] = (
            (20, self._route), (20, self._feed), (8, self._window), (12, self._page), (12, self._cookie), (10, self._header),
            (10, self._body), (10, self._upload), (4, self._slow), (4, self._raw),
        )  # fmt: skip
        weights, makers = zip(*kinds, strict=True)
        return self.rng.choices(makers, weights)[0]()

    def _id(self) -> str:
        """An id: the victim's, the attacker's own, or none."""
        theirs, mine = self.victim, self.me
        return self.rng.choice(
            [
                *theirs.ids.values(),
                theirs.things.ended,
                *mine.ids.values(),
                mine.things.ended,
                self.text(),
                self.text(),
            ]
        )

    def text(self) -> str:
        """A text that means harm."""
        return self.rng.choice(self.texts)

    def _quoted(self, text: str) -> str:
        """A text in an address, encoded in one of the ways that servers take for the same."""
        data = text.encode(errors="replace")
        safe = self.rng.choice(["", "/", "/.", "/:;=&"])
        once = quote_from_bytes(data, safe=safe)
        return self.rng.choice(
            [once, once, once, quote(once), once.replace("%", "%25%"), once + "%ff", once + "%"]
        )[:60_000]

    def _path(self) -> str:
        path = self.rng.choice(self.paths)
        while "{" in path:
            before, _, rest = path.partition("{")
            path = before + self._quoted(self._id()) + rest.partition("}")[2]
        return path + self.rng.choice(
            ["", "", "", "/", "//", "/..", "%00", ";x", "#x", "?", "?x", f"?{self._quoted(self._id())}"]
        )

    def _request(
        self, method: str, path: str, *headers: tuple[str, str], body: bytes = b"", cookie: str | None = None
    ) -> bytes:
        given = self.me.cookie if cookie is None else cookie
        lines = [f"{method} {path} HTTP/1.1", "host: localhost", "connection: close", f"cookie: {given}"]
        lines += [f"{name}: {value}" for name, value in headers]
        if body and not any(
            name.lower() in ("content-length", "transfer-encoding") for name, _value in headers
        ):
            lines.append(f"content-length: {len(body)}")
        return "\r\n".join([*lines, "", ""]).encode("utf-8", errors="replace") + body

    def _route(self) -> Attack:
        method, path = self.rng.choice(METHODS), self._path()
        accept = self.rng.choice(["*/*", "text/html", "application/json", ""])
        guard = [("x-dl-studio", "1")] if self.rng.random() < 0.5 else []
        return Attack(f"{method} {path[:80]}", [self._request(method, path, ("accept", accept), *guard)])

    def _feed(self) -> Attack:
        def ask() -> str:
            topic = self.rng.choice([*NEWS, *VIEWS, self.text()])
            ids = [self._id() for _ in range(self.rng.choice([1, 1, 1, 2, 3]))]
            subject = self.rng.choice(
                [*ids, ids[0] + ":batch", ids[0] + ":epoch:200:loss:accuracy", ":".join(ids), ",".join(ids)]
            )
            since = self.rng.choice(["", "0", "1", "9" * 19, "-1", "x" * 12, self.text()[:40]])
            return f"{topic}:{subject}:{since}"

        asks = [f"ask={self._quoted(ask())}" for _ in range(self.rng.choice([1, 1, 2, 8, 200]))]
        language = self.rng.choice(["en", "zh_CN", "../../x", self.text()])
        query = "&".join([*asks, f"lang={self._quoted(language)}"])
        return Attack(f"feed {query[:120]}", [self._request("GET", f"/api/feed?{query[:60_000]}")])

    def _window(self) -> Attack:
        numbers = (
            "0",
            "9",
            "-1",
            "nan",
            "inf",
            "-inf",
            "1e999",
            "1e308",
            "-1e308",
            "9" * 400,
            "0x10",
            "",
            "٣",
        )
        runs = [f"run={self._quoted(self._id())}" for _ in range(self.rng.choice([0, 1, 1, 3, 150]))]
        rest = {
            "axis": self.rng.choice(["batch", "epoch", "time", self.text()]), "name": self.rng.choice(["loss", self.text()]),
            "low": self.rng.choice(numbers), "high": self.rng.choice(numbers), "buckets": self.rng.choice(numbers),
        }  # fmt: skip
        query = "&".join([*runs, *(f"{name}={self._quoted(value)}" for name, value in rest.items())])[:60_000]
        return Attack(f"window {query[:120]}", [self._request("GET", f"/api/window?{query}")])

    def _page(self) -> Attack:
        name, value = (
            self.rng.choice(["run", "runs", "study", "draft", "upload", "job", "view", "link"]),
            self._quoted(self._id()),
        )
        path = f"/{self.rng.choice(PAGES)}?{name}={value}"
        return Attack(f"page {path[:100]}", [self._request("GET", path[:60_000], ("accept", "text/html"))])

    def _cookie(self) -> Attack:
        cookie = self.forged_cookie()
        ids = self.victim.ids
        path = self.rng.choice([
            f"/api/feed?ask=run:{ids[Kind.RUN]}:&ask=log:{self.victim.things.ended}:0&ask=study:{ids[Kind.STUDY]}:",
            f"/api/exports/{ids[Kind.JOB]}", f"/api/uploads/{ids[Kind.UPLOAD]}", f"/run?run={ids[Kind.RUN]}",
        ])  # fmt: skip
        accept = "text/html" if path.startswith("/run") else "*/*"
        return Attack(
            f"cookie {cookie[:80]} {path}", [self._request("GET", path, ("accept", accept), cookie=cookie)]
        )

    def forged_cookie(self) -> str:
        """A cookie that the victim's could be taken for, or that is none."""
        name, _, mine = self.me.cookie.partition("=")
        theirs, rng = self.victim.actor.id, self.rng
        id_, stamp, signature = mine.split(".")
        at = rng.randrange(len(mine))
        forged = rng.choice([
            f"{theirs}.{stamp}.{signature}", f"{theirs}.{stamp}.", f"{theirs}..", theirs, mine[:at], mine[:at] + "A" + mine[at + 1 :],
            f"{id_}.{stamp[::-1]}.{signature}", f'"{mine}"', mine * 50, self.text().replace("\r", "").replace("\n", ""), f"{mine}.{mine}",
        ])  # fmt: skip
        link = rng.choice([*self.links, "", "A" * 22, ".".join(["A" * 22] * 800), "\xff" * 30, self.text()])
        others = [
            f"dlstudio_links={link}",
            f"_streamlit_user={mine}",
            f"dlstudio_member={forged}",
            f"_streamlit_xsrf=2|{mine}",
        ]
        chosen = rng.sample(others, rng.randrange(len(others)))
        text = "; ".join(rng.sample([f"{name}={forged}", *chosen], len(chosen) + 1))
        return text.replace("\r", "").replace("\n", "").replace("\x00", "")[:60_000]

    def _header(self) -> Attack:
        rng, text = self.rng, self.text().replace("\r", "").replace("\n", "")
        several: Sequence[list[tuple[str, str]]] = (
            [("host", "evil.example")], [("host", "localhost"), ("host", "localhost")], [("origin", "http://evil.example")],
            [("x-forwarded-for", f"{rng.randrange(256)}.0.0.1, 127.0.0.1")], [("x-forwarded-host", "evil.example"), ("x-forwarded-proto", "https")],
            [("x-request-id", text)], [("accept-language", text)], [("accept-language", "a-b;q=" * 5_000)], [(f"x-{n}", "y") for n in range(600)],
            [("range", "bytes=" + ",".join(f"{n}-{n}" for n in range(2_000)))], [("range", "bytes=-9999999999999999999")],
            [("if-none-match", text)], [("if-modified-since", text)], [("accept-encoding", "gzip, " * 3_000)], [("cookie", "a=b; " * 8_000)],
            [("content-length", "0"), ("content-length", "7")], [("transfer-encoding", "chunked, gzip")], [("expect", "100-continue")],
            [("upgrade", "websocket"), ("connection", "upgrade")], [("upgrade", "h2c"), ("http2-settings", "AAMAAABkAAQAoAAAAAIAAAAA")],
            [("authorization", f"Bearer {text}")], [("referer", text)], [("x-http-method-override", "DELETE")], [("forwarded", f"for={text}")],
            [("te", "trailers"), ("trailer", "x")], [("x-dl-studio", text)], [("sec-websocket-key", text), ("upgrade", "websocket")],
        )  # fmt: skip
        headers, path = rng.choice(several), self._path()
        return Attack(
            f"{headers[0][0]}: {headers[0][1][:60]} {path[:60]}",
            [self._request(rng.choice(METHODS), path, *headers)],
            is_whole=False,
        )

    def _body(self) -> Attack:
        rng, path, body = self.rng, self._path(), self.rng.choice(self.documents)
        if rng.random() < 0.4:
            path, body = "/api/links", rng.choice([body, self.text().encode(), b"A" * 22, b"A" * 99])
        kind = rng.choice(
            ["application/json", "text/plain", "multipart/form-data; boundary=x", "application/x-yaml", ""]
        )
        headers = [("content-type", kind), ("x-dl-studio", "1")]
        if rng.random() < 0.3:
            headers.append(("transfer-encoding", "chunked"))
            body = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in _pieces(body, 7)) + rng.choice(
                [b"0\r\n\r\n", b"", b"zz\r\n"]
            )
        if rng.random() < 0.1:
            headers.append(("content-encoding", "gzip"))
            body = zlib.compress(b"0" * 1_000_000)
        broken = rng.random() < 0.1
        if broken:
            headers.append(("content-length", str(len(body) + 100)))
        request = self._request(
            rng.choice(["POST", "PUT", "POST", "PATCH", "DELETE"]), path, *headers, body=body
        )
        return Attack(f"body {kind} {body[:40]!r} {path[:60]}", [request], hurry=broken, is_whole=False)

    def _upload(self) -> Attack:
        rng, (name, content) = self.rng, self.rng.choice(self.files)
        token = rng.choice(
            [self.me.ids[Kind.UPLOAD], self.victim.ids[Kind.UPLOAD], self._quoted(self.text()), "0" * 32]
        )
        numbers = ("0", "1", str(len(content)), "-1", "9" * 15, "9" * 30, "x", "", "٣")
        headers = [
            ("upload-name", quote(rng.choice([name, self.text()]))[:8_000]), ("upload-offset", rng.choice(numbers)),
            ("upload-size", rng.choice([*numbers, str(len(content))])), ("upload-modified", rng.choice(numbers)), ("x-dl-studio", "1"),
        ]  # fmt: skip
        cut = content[: rng.randrange(len(content) + 1)]
        request = self._request(
            rng.choice(["PUT", "PUT", "GET", "DELETE"]), f"/api/uploads/{token}", *headers, body=cut
        )
        return Attack(f"upload {token[:40]} {headers[:3]}", [request])

    def _slow(self) -> Attack:
        """Half of a request, or one that comes in small pieces; whoever sends it leaves after a while."""
        request = self._request(
            "PUT",
            f"/api/uploads/{self.me.ids[Kind.UPLOAD]}",
            ("content-length", "100000"),
            ("x-dl-studio", "1"),
        )
        at = self.rng.randrange(1, len(request))
        return Attack("slow", _pieces(request[:at], at // 4 + 1), pause=0.2, hurry=True)

    def _raw(self) -> Attack:
        data = self.rng.choice([*RAW, self.rng.randbytes(300), self._request("GET", "/") * 50])
        return Attack(f"raw {data[:60]!r}", [data], pause=0.05, hurry=True)


def _pieces(data: bytes, size: int) -> list[bytes]:
    size = max(size, len(data) // 40 + 1)
    return [data[at : at + size] for at in range(0, len(data), size)]
