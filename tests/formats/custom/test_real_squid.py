"""A real Squid writes one log in five forms at once; each is read, and they agree with its native log."""

from __future__ import annotations

import base64
import http.client
from typing import TYPE_CHECKING, Any

import pytest
from servers import folder_of_all, free_port, program, running, web_server

from aup_monitor.core.custom_format import CustomFormat
from aup_monitor.formats import FORMATS
from aup_monitor.formats.custom import build
from aup_monitor.formats.web import combined, squid

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Rows = Callable[..., list[dict[str, Any]]]

SQUID = program("squid")
OWN = (
    '%tg "%"un" %>a:%>p %-8Ss %03>Hs %8<st %>st %rm %>ru [%{User-Agent}>h] %{Referer}>h %Sh/%<a %mt '
    "%{%d.%m.%Y;%H:%M:%S}tl %{X-Form}>h %err_code %%"
)
CONFIG = """\
http_port 127.0.0.1:{port}
hosts_file {folder}/hosts
logformat own {own}
access_log stdio:{folder}/squid.log squid
access_log stdio:{folder}/own.log own
access_log stdio:{folder}/combined.log combined
access_log stdio:{folder}/common.log common
access_log stdio:{folder}/referrer.log referrer
access_log stdio:{folder}/useragent.log useragent
cache_log /dev/null
pid_filename {folder}/squid.pid
coredump_dir {folder}
cache deny all
shutdown_lifetime 1 seconds
auth_param basic program /usr/lib/squid/basic_fake_auth
auth_param basic realm school
acl known proxy_auth REQUIRED
acl games dstdomain .games.example
http_access deny known games
http_access allow known
http_access deny all
strip_query_terms off
netdb_filename none
pinger_enable off
"""

pytestmark = [
    pytest.mark.servers,
    pytest.mark.skipif(not SQUID, reason="Squid is not installed: apt-get install squid"),
]


def ask(proxy: int, url: str, user: str | None, **headers: str) -> int:
    """Ask the proxy for a page; return the status."""
    connection = http.client.HTTPConnection("127.0.0.1", proxy, timeout=20)
    if user:
        headers["Proxy-Authorization"] = f"Basic {base64.b64encode(f'{user}:x'.encode()).decode()}"
    connection.request("GET", url, headers=headers)
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.fixture(scope="module")
def logs() -> dict[str, bytes]:
    """Return what a real Squid wrote of a connection that asks for nothing, and of five requests, by form."""
    with folder_of_all() as folder, web_server() as web:
        port = free_port()
        names = ["www.lessons.example", "www.games.example"]
        (folder / "hosts").write_text("".join(f"127.0.0.1 {name}\n" for name in names))
        (folder / "hosts").chmod(0o644)
        (folder / "squid.conf").write_text(CONFIG.format(port=port, folder=folder, own=OWN))
        with running([str(SQUID), "-N", "-f", str(folder / "squid.conf")], port):
            site = f"http://www.lessons.example:{web}"
            agent = {"User-Agent": 'Odd "quoted" agent \\ [x] 100%', "Referer": "http://a.example/?q=a b"}
            assert ask(port, f"{site}/maths?topic=area", "ELMPARK\\amina", **agent) == 200
            assert (
                ask(
                    port, f"{site}/", "ben@elm.example", **{"User-Agent": "Mozilla/5.0 (X11)", "X-Form": "9B"}
                )
                == 200
            )
            assert ask(port, f"{site}/", None) == 407
            assert ask(port, f"http://www.games.example:{web}/play", "ben") == 403
            assert ask(port, "http://www.lessons.example:1/", "ben") >= 500
        return {path.stem: path.read_bytes() for path in folder_logs(folder)}


def folder_logs(folder: Path) -> list[Path]:
    """Return the logs that were written."""
    return sorted(folder.glob("*.log"))


SHARED = (
    *("source_ip", "user_name", "user_domain", "event_action", "event_outcome", "http_request_method"),
    *("http_response_status_code", "url_full", "url_domain", "url_path", "url_query", "destination_port"),
    "destination_bytes",
)


def seen(row: dict[str, Any]) -> dict[str, Any]:
    """Return what the forms share; `error:...`, which stands for no request, is an address in the native log alone."""
    no_request = str(row["url_full"]).startswith("error:")
    return {name: None if name == "url_full" and no_request else row[name] for name in SHARED}


def test_an_own_logformat_agrees_with_the_native_log(logs: dict[str, bytes], rows: Rows) -> None:
    """A connection without a request, and five requests, column for column; the time is to the second here."""
    fmt = build("own", CustomFormat(kind="squid", logformat=OWN))
    ours, theirs = rows(fmt, logs["own"]), rows(squid.FORMAT, logs["squid"])
    assert len(ours) == len(theirs) == 6
    assert [row["reject"] for row in ours] == [None] * 6
    assert fmt.score(logs["own"]) == 1
    for own, native in zip(ours, theirs, strict=True):
        assert {name: own[name] for name in SHARED} == seen(native)
        assert own["timestamp"] == native["timestamp"].replace(microsecond=0)
        assert own["http_response_mime_type"] == native["http_response_mime_type"]
        assert own["destination_ip"] == native["destination_ip"]
        assert own["source_port"] > 1023
        assert own["source_bytes"] > 0 or own["http_request_method"] is None
    _, odd, plain, asked, stopped, _ = ours
    assert odd["user_agent_original"] == 'Odd "quoted" agent \\ [x] 100%'
    assert (odd["user_name"], odd["user_domain"]) == ("amina", "elmpark")
    assert plain["user_agent_original"] == "Mozilla/5.0 (X11)"
    assert [row["event_outcome"] for row in (plain, asked, stopped)] == ["allowed", "unknown", "blocked"]


@pytest.mark.parametrize("form", ["combined", "common"])
def test_the_built_in_forms_agree_with_the_native_log(logs: dict[str, bytes], rows: Rows, form: str) -> None:
    """Squid's own combined and common are read by the format `combined`."""
    ours, theirs = rows(combined.FORMAT, logs[form]), rows(squid.FORMAT, logs["squid"])
    assert [row["reject"] for row in ours] == [None] * 6
    for own, native in zip(ours, theirs, strict=True):
        assert {name: own[name] for name in SHARED} == seen(native)
        assert own["observer_product"] == "Squid"


def test_the_side_logs_are_read(logs: dict[str, bytes], rows: Rows) -> None:
    """Squid's referrer and useragent forms, by their recipes."""
    by_name = {fmt.name: fmt for fmt in FORMATS}
    referrer = rows(by_name["squid-referrer"], logs["referrer"])
    useragent = rows(by_name["squid-useragent"], logs["useragent"])
    assert [row["reject"] for row in (*referrer, *useragent)] == [None] * (len(referrer) + len(useragent))
    assert {row["url_domain"] for row in referrer} >= {"www.lessons.example"}
    assert 'Odd "quoted" agent \\ [x] 100%' in {row["user_agent_original"] for row in useragent}
    assert by_name["squid-referrer"].score(logs["referrer"]) > 0.9
    assert by_name["squid-useragent"].score(logs["useragent"]) == 1
