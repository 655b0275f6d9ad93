"""Untangle lines against Elastic's reading of real ones, by hand, and against malice."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from aup_monitor.formats.firewall.untangle import FORMAT

if TYPE_CHECKING:
    from collections.abc import Callable

OWN: Final = Path(__file__).parents[3] / "sample_logs" / "formats" / "untangle.log"
SAME: Final = {
    "@timestamp": "timestamp",
    "source.ip": "source_ip",
    "source.port": "source_port",
    "source.bytes": "source_bytes",
    "destination.ip": "destination_ip",
    "destination.port": "destination_port",
    "destination.bytes": "destination_bytes",
    "user.name": "user_name",
    "rule.id": "rule_name",
    "rule.category": "rule_category",
    "host.name": "host_name",
    "url.full": "url_full",
    "url.domain": "url_domain",
    "url.path": "url_path",
    "http.request.method": "http_request_method",
    "http.response.mime_type": "http_response_mime_type",
}
EXPLAINED: Final[dict[str, tuple[str, set[str]]]] = {
    "on port 443 `http://host/` stands for a path that was not seen": (
        '"CServerPort":443',
        {"url_full", "url_path"},
    ),
    "a path is kept as it was sent; Elastic undoes its %-escapes": ("%[0-9A-F]{2}", {"url_path"}),
    "of an attack the signature's name says more than its family": ("IntrusionPrevention", {"rule_category"}),
    "the server is the one behind the translation": (r"\[81\.2\.69\.142:80\]", {"destination_ip"}),
}


def test_real_lines_agree_with_elastic(shared: Path, compare: Callable[..., Any]) -> None:
    """Each value of eleven real files is as Elastic reads it, but where a reason is written."""
    logs = sorted((shared / "samples" / "untangle-arista-ngfw").glob("*.log"))
    # The zone that the project's tests were run with.
    found = compare(FORMAT, logs, SAME, EXPLAINED, "America/Denver")
    assert found.strange == []
    assert found.unused == set()
    assert (found.events, found.skipped, found.rejects) == (80, 61, [])
    assert found.values > 550


def test_real_verdicts_agree_with_elastic(shared: Path, compare: Callable[..., Any]) -> None:
    """What Elastic types denied is blocked here and nothing else of Web Filter's is."""
    logs = sorted((shared / "samples" / "untangle-arista-ngfw").glob("*web-filter.log"))
    found = compare(FORMAT, logs, {"event.type": "event_outcome"}, {})
    said = {("denied" in theirs, ours) for _, theirs, ours, _ in found.strange}
    assert said <= {(True, "blocked"), (False, "allowed")}
    assert said


def test_own_sample(parse: Callable[..., list[dict[str, Any]]]) -> None:
    """A blocked page, a request, a response, a session, an attack, a log-on; the rest is no event."""
    rows = parse(FORMAT, *OWN.read_text().splitlines(), zone="Europe/London")
    page, request, response, session, attack, log_on, verdict, cut = rows
    assert (page["user_name"], page["host_name"], page["rule_category"]) == (
        "amina.k",
        "LIB-PC-07",
        "Gambling",
    )
    assert (page["url_full"], page["event_outcome"]) == (
        'http://casino.example/spin?a="username":"head"',
        "blocked",
    )
    assert page["timestamp"] == datetime(2026, 1, 14, 10, 14, 9, 737000, tzinfo=UTC)
    assert request["timestamp"] == datetime(2026, 7, 14, 9, 14, 12, 93000, tzinfo=UTC)
    assert (request["url_domain"], request["url_full"], request["host_name"]) == ("www.bing.com", None, None)
    assert (response["user_name"], response["event_outcome"]) == ("ben.o", "allowed")
    assert response["http_response_mime_type"] == "text/plain"
    assert (session["source_bytes"], session["destination_bytes"], session["destination_port"]) == (
        95,
        12,
        1194,
    )
    assert (attack["rule_category"], attack["rule_name"]) == ("attack: ET P2P BitTorrent", "2000334")
    assert (log_on["log_class"], log_on["user_name"], log_on["event_outcome"]) == (
        "auth",
        "netadmin",
        "blocked",
    )
    assert (verdict["skip"], cut["reject"]) == (True, "no whole JSON with a class of Untangle's")


@pytest.mark.parametrize("line", ["", "\x00", "{}", '{"class":"class com.untangle.x.Y"}', "{" * 5000 + "}"])
def test_bad_lines_say_why(parse: Callable[..., list[dict[str, Any]]], line: str) -> None:
    """A line without a class of Untangle's, or a time, is a reject."""
    event = parse(FORMAT, line)[0]
    assert event["reject"]
    assert not event["skip"]
