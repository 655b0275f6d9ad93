"""Heads of requests: every form of target, what is kept, what is not, and whatever else comes on such a port."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aup_monitor.capture.http import MOST_TEXT, Request, begins_request, ended, request

HEAD = b"GET /a/b?c=d&e=f#g HTTP/1.1\r\nhost:  Www.Example.ORG:8080 \r\nUser-Agent: X/1 (y)\r\nCookie: secret=1\r\nAuthorization: Basic c2VjcmV0\r\nReferer: http://r.example/\r\n\r\nbody=secret"


def test_a_head_is_columns() -> None:
    """Method, host, path, query, program and referrer; nothing of cookies, credentials and body."""
    found = request(HEAD)
    assert found == Request(
        "GET",
        "http://Www.Example.ORG:8080/a/b?c=d&e=f#g",
        "http",
        "www.example.org",
        "/a/b",
        "c=d&e=f",
        "X/1 (y)",
        "http://r.example/",
    )
    assert "secret" not in repr(found)


@pytest.mark.parametrize(
    ("line", "scheme", "domain", "path"),
    [
        (b"GET http://shop.example/x HTTP/1.1", "http", "shop.example", "/x"),
        (b"GET https://u:p@shop.example. HTTP/1.0", "https", "shop.example", "/"),
        (b"CONNECT mail.example:443 HTTP/1.1", None, "mail.example", None),
        (b"OPTIONS * HTTP/1.1", "http", "host.example", None),
        (b"GET /old", "http", "host.example", "/old"),
    ],
)
def test_every_form_of_target(line: bytes, scheme: str | None, domain: str, path: str | None) -> None:
    """Of RFC 9112, section 3.2: origin, absolute (to a proxy), authority (a tunnel), asterisk; and HTTP/0.9."""
    found = request(line + b"\r\nHost: host.example\r\n\r\n")
    assert found is not None
    assert (found.scheme, found.domain, found.path) == (scheme, domain, path)


def test_a_head_that_is_cut_tells_what_is_there() -> None:
    """In the middle of a field, and in the middle of the target."""
    found = request(HEAD[:60])
    assert found is not None
    assert (found.path, found.domain) == ("/a/b", "www.example.org:8080"[:15])
    cut = request(b"GET /a-very-long-pa")
    assert cut is not None
    assert (cut.path, cut.domain) == ("/a-very-long-pa", None)
    assert (ended(HEAD), ended(HEAD[:60])) == (True, False)


@pytest.mark.parametrize(
    "text", [b"", b"SSH-2.0-x\r\n", b"get / HTTP/1.1\r\n", b"GET \r\n\r\n", b"\x16\x03\x01"]
)
def test_what_is_no_request_is_none(text: bytes) -> None:
    """Other protocols, and lines that name no target."""
    assert request(text) is None
    assert begins_request(text) == (text[:4] == b"GET ")


def test_a_field_has_an_end() -> None:
    """No field takes more than its share of memory."""
    found = request(b"GET / HTTP/1.1\r\nUser-Agent: " + b"x" * 60_000 + b"\r\n\r\n")
    assert found is not None
    assert len(found.user_agent or "") <= MOST_TEXT


@given(st.binary(max_size=300))
def test_no_bytes_are_too_strange(tail: bytes) -> None:
    """Whatever follows a method, nothing raises, and no zero byte is kept."""
    for head in (b"GET ", b"POST / HTTP/1.1\r\nHost: ", b"CONNECT "):
        found = request(head + tail)
        assert "\x00" not in "".join(part or "" for part in found or ())
