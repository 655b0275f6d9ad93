"""
Fetch one file over HTTP or HTTPS: only what has changed, only so much, only for so long, and again where it may help.

The addresses come from the catalogue, which people write: nothing that a log names is ever fetched. A redirection may not lead
from https to http, nor to anything but HTTP. Proxies are those of the environment (`https_proxy`).
"""

from __future__ import annotations

import http.client
import ssl
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final

from aup_monitor.core.errors import AupError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_BLOCK: Final = 1 << 18
_AGAIN: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers of HTTP after which the same question may be answered otherwise."""


@dataclass(frozen=True)
class Marks:
    """What a server said of the copy that it sent, so that it can be asked whether there is a newer one."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True)
class Limits:
    """How long to wait and how often to try: seconds; `pauses` are those between tries, one fewer than tries."""

    silence: float = 30.0
    """Longest wait for the next bytes."""
    whole: float = 600.0
    """Longest time for one try."""
    pauses: tuple[float, ...] = (2.0, 8.0)
    pause: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic


class FetchError(AupError):
    """A file could not be fetched; `again`: another try may help; `no_server`: nothing answered at all."""

    def __init__(
        self, message: str, *, where: str, fix: str, again: bool = False, no_server: bool = False
    ) -> None:
        super().__init__(message, where=where, fix=fix)
        self.again = again
        self.no_server = no_server


_LATER: Final = "run it again later; aup lists update --from FOLDER takes files that came another way"
_ADDRESS: Final = (
    "look whether the list has moved, and put its new address into lists/catalogue.yml of the workspace"
)
_WAY: Final = "check that this computer may reach that address: firewall, filter, proxy (https_proxy), DNS"


def fetch(url: str, path: Path, max_bytes: int, marks: Marks, limits: Limits) -> Marks | None:
    """
    Write the file at an address to `path`; return its marks, or None where the copy of `marks` is still the newest.

    Raises:
        FetchError: it could not be had, or not whole, or it is larger than `max_bytes`; `path` may hold a part of it.

    """
    for pause in (*limits.pauses, None):
        try:
            return _tried(url, path, max_bytes, marks, limits)
        except FetchError as exc:
            if pause is None or not exc.again:
                raise
            limits.pause(pause)
    raise AssertionError("the last try returns or raises")


def _tried(url: str, path: Path, max_bytes: int, marks: Marks, limits: Limits) -> Marks | None:
    request = urllib.request.Request(url, headers=_headers(marks))  # noqa: S310 - the catalogue holds http(s) only
    try:
        with _opener().open(request, timeout=limits.silence) as answer, path.open("wb") as file:
            _copy(answer, file, url, max_bytes, limits)
            return Marks(answer.headers["ETag"], answer.headers["Last-Modified"])
    except urllib.error.HTTPError as exc:
        exc.close()
        if exc.code == 304:
            return None
        raise _refused(url, exc.code) from exc
    except (OSError, http.client.HTTPException) as exc:
        raise _unreachable(url, exc, limits) from exc


def _headers(marks: Marks) -> dict[str, str]:
    conditions = {"If-None-Match": marks.etag, "If-Modified-Since": marks.last_modified}
    said = {name: value for name, value in conditions.items() if value}
    return {"User-Agent": "aup-monitor", "Accept-Encoding": "identity", **said}


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Follow redirections, but never out of encryption."""

    max_redirections = 5

    def redirect_request(  # noqa: PLR0913, PLR0917 - the signature of urllib
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        scheme = newurl.partition(":")[0].lower()
        if scheme not in {"http", "https"} or (req.type == "https" and scheme == "http"):
            fp.close()
            raise FetchError(
                f"the server leads on to {newurl}, which is not safe", where=req.full_url, fix=_ADDRESS
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> urllib.request.OpenerDirector:
    """Return an opener for HTTP and HTTPS alone; urllib's own would open files and FTP, too."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        _SafeRedirects(),
    ):
        opener.add_handler(handler)
    return opener


def _copy(
    answer: http.client.HTTPResponse, file: IO[bytes], url: str, max_bytes: int, limits: Limits
) -> None:
    """Copy a body in blocks; its length must be the one that was announced, if one was."""
    announced = answer.headers["Content-Length"]
    end, got = limits.clock() + limits.whole, 0
    while block := answer.read1(_BLOCK):
        got += len(block)
        if got > max_bytes:
            raise _too_large(url, max_bytes)
        if limits.clock() > end:
            raise FetchError(
                f"not whole after {limits.whole:,.0f} seconds", where=url, fix=_LATER, again=True
            )
        file.write(block)
    if announced is not None and announced.isdecimal() and got != int(announced):
        raise FetchError(
            f"the connection broke off after {got:,} of {int(announced):,} bytes",
            where=url,
            fix=_LATER,
            again=True,
        )


def _too_large(url: str, max_bytes: int) -> FetchError:
    return FetchError(
        f"larger than {max_bytes:,} bytes, which is more than this list may have",
        where=url,
        fix="check that it is the list; a larger max_bytes: may be set in lists/catalogue.yml of the workspace",
    )


def _refused(url: str, code: int) -> FetchError:
    """Return the error for an answer of HTTP that is none."""
    name = http.client.responses.get(code, "no such code")
    fix = _LATER if code in _AGAIN else _WAY if code in {401, 403, 407, 451} else _ADDRESS
    return FetchError(f"the server answered {code} ({name})", where=url, fix=fix, again=code in _AGAIN)


def _unreachable(url: str, exc: Exception, limits: Limits) -> FetchError:
    """Return the error for a connection that failed, in words."""
    cause = exc.reason if isinstance(exc, urllib.error.URLError) else exc
    match cause:
        case ssl.SSLCertVerificationError():
            said = f"its certificate is not trusted ({cause.verify_message})"
            return FetchError(said, where=url, fix="if the filter opens HTTPS, install its certificate here")
        case TimeoutError():
            said = f"the server said nothing for {limits.silence:,.0f} seconds"
        case http.client.HTTPException():
            said = "the answer broke off, or is not HTTP"
        case _:
            said = f"no connection: {cause}"
    return FetchError(said, where=url, fix=_WAY, again=True, no_server=True)
