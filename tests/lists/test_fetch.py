"""Fetching from a real server: what has changed, whole, within limits, and in words where it fails."""

from __future__ import annotations

import io
import urllib.request
from http.client import HTTPMessage
from typing import TYPE_CHECKING

import pytest
from list_server import MODIFIED, ListServer, answer, etag
from servers import free_port

from aup_monitor.lists.fetch import FetchError, Limits, Marks, _SafeRedirects, fetch

if TYPE_CHECKING:
    from collections.abc import Callable
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path

LIST = b"one.example\ntwo.example\n"
MAX = 1000


def once(pauses: tuple[float, ...] = (), silence: float = 5.0, whole: float = 5.0) -> Limits:
    """Return limits that do not wait between tries."""
    return Limits(silence=silence, whole=whole, pauses=pauses, pause=lambda _seconds: None)


def failure(web: ListServer, path: str, to: Path, limits: Limits | None = None) -> FetchError:
    """Return how fetching a path fails."""
    with pytest.raises(FetchError) as caught:
        fetch(web.url(path), to / "list", MAX, Marks(), limits or once())
    assert caught.value.fix
    assert web.url(path) in str(caught.value)
    return caught.value


def test_file_is_fetched_with_its_marks(web: ListServer, tmp_path: Path) -> None:
    """The bytes are those of the server, and its ETag and date are handed back."""
    web.files["/a"] = LIST
    assert fetch(web.url("/a"), tmp_path / "list", MAX, Marks(), once()) == Marks(etag(LIST), MODIFIED)
    assert (tmp_path / "list").read_bytes() == LIST


def test_unchanged_file_is_not_sent_again(web: ListServer, tmp_path: Path) -> None:
    """The server is told both marks, and its 304 is None; another content is sent again."""
    web.files["/a"] = LIST
    marks = Marks(etag(LIST), MODIFIED)
    assert fetch(web.url("/a"), tmp_path / "list", MAX, marks, once()) is None
    assert web.headers["/a"]["If-Modified-Since"] == MODIFIED
    web.files["/a"] = LIST * 2
    assert fetch(web.url("/a"), tmp_path / "list", MAX, marks, once()) == Marks(etag(LIST * 2), MODIFIED)


def test_nothing_of_the_school_is_told(web: ListServer, tmp_path: Path) -> None:
    """The request names the program, and neither the school nor this computer."""
    web.files["/a"] = LIST
    fetch(web.url("/a"), tmp_path / "list", MAX, Marks(), once())
    assert web.headers["/a"]["User-Agent"] == "aup-monitor"
    assert set(web.headers["/a"]) == {"User-Agent", "Accept-Encoding", "Host", "Connection"}


@pytest.mark.parametrize("code", [400, 401, 403, 404, 410, 451])
def test_answer_that_will_not_change_is_not_asked_for_again(
    web: ListServer, tmp_path: Path, code: int
) -> None:
    """A missing or forbidden file is asked for once."""
    web.odd["/a"] = lambda request: answer(request, code, b"no")
    assert str(code) in failure(web, "/a", tmp_path, once((1, 1))).message
    assert web.asked["/a"] == 1


@pytest.mark.parametrize("code", [429, 500, 502, 503])
def test_answer_that_may_change_is_asked_for_again(web: ListServer, tmp_path: Path, code: int) -> None:
    """A server in trouble is asked three times, with the given pauses between."""
    web.odd["/a"] = lambda request: answer(request, code, b"busy")
    waited: list[float] = []
    limits = Limits(silence=5, pauses=(2, 8), pause=waited.append)
    assert str(code) in failure(web, "/a", tmp_path, limits).message
    assert (web.asked["/a"], waited) == (3, [2, 8])


def test_second_try_may_help(web: ListServer, tmp_path: Path) -> None:
    """A file that comes at the second try is whole, without a rest of the first."""
    web.odd["/a"] = lambda request: (
        answer(request, 200, b"one.exa", Content_Length="30")
        if web.asked["/a"] == 1
        else answer(request, 200, LIST)
    )
    fetch(web.url("/a"), tmp_path / "list", MAX, Marks(), once((1,)))
    assert (tmp_path / "list").read_bytes() == LIST


def trickling(web: ListServer) -> Callable[[BaseHTTPRequestHandler], None]:
    """Return an answer that sends a byte now and then, for ever."""

    def send(request: BaseHTTPRequestHandler) -> None:
        answer(request, 200, Content_Length="900")
        while not web.release.wait(0.05):
            request.wfile.write(b"a")

    return send


def test_truncated_body(web: ListServer, tmp_path: Path) -> None:
    """A body that is shorter than announced is an error, not a short list."""
    web.odd["/a"] = lambda request: answer(request, 200, LIST, Content_Length="900")
    assert "broke off" in failure(web, "/a", tmp_path).message


def test_truncated_chunks(web: ListServer, tmp_path: Path) -> None:
    """So is a body in chunks whose end never came."""

    def send(request: BaseHTTPRequestHandler) -> None:
        request.protocol_version = "HTTP/1.1"
        request.send_response(200)
        request.send_header("Transfer-Encoding", "chunked")
        request.end_headers()
        request.wfile.write(b"8\r\none.exam")
        request.close_connection = True

    web.odd["/a"] = send
    assert "broke off" in failure(web, "/a", tmp_path).message


def test_silent_server(web: ListServer, tmp_path: Path) -> None:
    """A server that says nothing is left after the given time."""
    web.odd["/a"] = lambda _request: web.release.wait(20) and None
    assert "said nothing" in failure(web, "/a", tmp_path, once(silence=0.3)).message


def test_endless_trickle(web: ListServer, tmp_path: Path) -> None:
    """A server that sends a byte now and then is left after the given time, too."""
    web.odd["/a"] = trickling(web)
    assert "not whole" in failure(web, "/a", tmp_path, once(whole=0.5)).message


def test_huge_body_announced_or_not(web: ListServer, tmp_path: Path) -> None:
    """Of a file that is too large no more is taken than may be, whether it says its length or not."""

    def endless(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        try:
            while True:
                request.wfile.write(b"a.example\n" * 1000)
        except OSError:
            request.close_connection = True

    web.files["/big"] = b"a.example\n" * 1000
    web.odd["/endless"] = endless
    for path in ("/big", "/endless"):
        assert "larger than 1,000 bytes" in failure(web, path, tmp_path).message
        assert (tmp_path / "list").stat().st_size <= MAX


def test_redirection_is_followed_but_not_for_ever(web: ListServer, tmp_path: Path) -> None:
    """A list that has moved is found; a circle is an error; so is a way out of HTTP."""
    web.files["/a"] = LIST
    web.odd["/moved"] = lambda request: answer(request, 301, Location="/a")
    web.odd["/circle"] = lambda request: answer(request, 302, Location="/circle")
    web.odd["/file"] = lambda request: answer(request, 302, Location="file:///etc/passwd")
    web.odd["/ftp"] = lambda request: answer(request, 302, Location="ftp://127.0.0.1/a")
    assert fetch(web.url("/moved"), tmp_path / "list", MAX, Marks(), once()) is not None
    assert (tmp_path / "list").read_bytes() == LIST
    for path in ("/circle", "/file", "/ftp"):
        failure(web, path, tmp_path)
    assert web.asked["/circle"] < 10


def test_redirection_may_not_leave_encryption() -> None:
    """A list that comes over https is not fetched over http, where anybody between could write it."""
    asked = urllib.request.Request("https://lists.example/a")
    for target in ("http://lists.example/a", "ftp://lists.example/a", "HTTP://other.example/"):
        with pytest.raises(FetchError, match="not safe"):
            _SafeRedirects().redirect_request(asked, io.BytesIO(), 302, "Found", HTTPMessage(), target)
    onward = _SafeRedirects().redirect_request(
        asked, io.BytesIO(), 302, "Found", HTTPMessage(), "https://b.example/"
    )
    assert onward is not None
    assert onward.full_url == "https://b.example/"


def test_no_server_at_all(tmp_path: Path) -> None:
    """Nothing listens: said in words, with what to check."""
    with pytest.raises(FetchError, match=r"no connection: .*\n  Next: check that this computer") as caught:
        fetch(f"http://127.0.0.1:{free_port()}/a", tmp_path / "list", MAX, Marks(), once())
    assert caught.value.no_server


def test_server_that_does_not_speak_http(web: ListServer, tmp_path: Path) -> None:
    """Another protocol on the port is said to be that."""
    web.odd["/a"] = lambda request: request.wfile.write(b"220 mail.example ESMTP\r\n") and None
    assert "not HTTP" in failure(web, "/a", tmp_path).message
