"""A real web server on this machine that serves lists, well or badly, and remembers what it was asked."""

from __future__ import annotations

import hashlib
import http.server
import threading
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MODIFIED: Final = "Sun, 22 Nov 2026 06:00:00 GMT"


@dataclass
class ListServer:
    """What the server holds, how often each path is asked for, and with which headers."""

    port: int = 0
    files: dict[str, bytes] = field(default_factory=dict)
    odd: dict[str, Callable[[http.server.BaseHTTPRequestHandler], None]] = field(default_factory=dict)
    """Paths that are answered in some other way."""
    asked: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    release: threading.Event = field(default_factory=threading.Event)
    """Set at the end, so that answers that hang end with the test."""

    def url(self, path: str) -> str:
        """Return the address of a path."""
        return f"http://127.0.0.1:{self.port}{path}"


def etag(content: bytes) -> str:
    """Return the mark of a content."""
    return f'"{hashlib.sha256(content).hexdigest()[:12]}"'


def answer(
    request: http.server.BaseHTTPRequestHandler, code: int, content: bytes = b"", **headers: str
) -> None:
    """Send an answer; `Content_Length` may lie."""
    request.send_response(code)
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    for name, value in {"Content-Length": str(len(content)), **given}.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(content)


@contextmanager
def serving() -> Iterator[ListServer]:
    """Run the server until the block ends."""
    held = ListServer()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            held.asked[self.path] += 1
            held.headers[self.path] = dict(self.headers)
            content = held.files.get(self.path)
            if self.path in held.odd:
                held.odd[self.path](self)
            elif content is None:
                answer(self, 404, b"no such list")
            elif self.headers["If-None-Match"] == etag(content):
                answer(self, 304, ETag=etag(content))
            else:
                answer(self, 200, content, ETag=etag(content), Last_Modified=MODIFIED)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    held.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield held
    finally:
        held.release.set()
        server.shutdown()
        thread.join()
        server.server_close()
