"""CEF of many products: real lines against Elastic's reading, labels, escapes, verdicts, and what a page may bring."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest

from aup_monitor.formats.carrier.cef import FORMAT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HEAD: Final = "CEF:0|Example|Thing|1|7|Something|5|"
TIME: Final = "rt=1768385649000 "
SAME: Final = {
    "@timestamp": "timestamp",
    "observer.vendor": "observer_vendor",
    "observer.product": "observer_product",
    "observer.hostname": "observer_name",
    "event.code": "event_code",
    "event.action": "event_action",
    "source.ip": "source_ip",
    "source.port": "source_port",
    "source.bytes": "source_bytes",
    "source.user.name": "user_name",
    "destination.ip": "destination_ip",
    "destination.port": "destination_port",
    "destination.bytes": "destination_bytes",
    "network.transport": "network_transport",
    "url.original": "url_full",
    "url.full": "url_full",
    "http.request.method": "http_request_method",
    "http.request.referrer": "http_request_referrer",
    "cef.extensions.fileHash": "file_hash",
    "rule.id": "rule_name",
}


@pytest.fixture(scope="module")
def one(parse: Callable[..., list[dict[str, Any]]]) -> Callable[..., dict[str, Any]]:
    """Return a function that parses one line."""
    return lambda line, **options: parse(FORMAT, line, **options)[0]


def test_real_lines_agree_with_elastic(
    shared: Path, parse: Callable[..., list[dict[str, Any]]], differences: Callable[..., Any]
) -> None:
    """Each value of three real files of three products is as Elastic reads it; of lines without a time, all but the time."""
    compared, strange = 0, []
    for log in sorted((shared / "samples" / "cef").glob("elastic*.log")):
        lines = [line for line in log.read_text().split("\n") if line.strip()]
        theirs = json.loads(log.with_name(f"{log.name}-expected.json").read_text())
        for event, item in zip(parse(FORMAT, *lines), theirs, strict=True):
            same = {name: ours for name, ours in SAME.items() if name != "@timestamp" or event["timestamp"]}
            count, wrong = differences(event, item, same)
            compared += count
            # Elastic leaves a transport that is given as a number as it is.
            strange += [each for each in wrong if not str(each[1]).isdigit()]
    assert strange == []
    assert compared > 100


def test_real_lines_of_unifi(shared: Path, parse: Callable[..., list[dict[str, Any]]]) -> None:
    """UniFi's own time and policy are read, also where a syslog server took `CEF` for a program's name."""
    log = shared / "samples" / "iptables-unifi" / "crowdsec__unifi-cef__cef-logs.log"
    admin, tagged, threat = parse(FORMAT, *log.read_text().splitlines())
    assert admin["timestamp"] == datetime(2025, 9, 4, 8, 32, 58, 445000, UTC)
    assert (tagged["source_port"], tagged["event_outcome"]) == (52331, "blocked")
    assert (threat["rule_name"], threat["event_action"], threat["source_ip"]) == (
        "DShield Block List",
        "blocked",
        "198.51.100.10",
    )


@pytest.mark.parametrize(
    ("said", "hour"),
    [
        ("rt=1784020449000", 9),
        ("rt=1784020449", 9),
        ("rt=Jul 14 2026 10:14:09", 9),
        ("rt=Jul 14 2026 10:14:09.000 GMT+01:00", 9),
        ("rt=Jul 14 2026 10:14:09 UTC", 10),
        ("rt=2026-07-14T10:14:09+02:00", 8),
        ("end=Jul 14 2026 10:14:09 start=Jul 14 2026 08:14:09", 9),
    ],
)
def test_times(one: Callable[..., dict[str, Any]], said: str, hour: int) -> None:
    """Numbers and words are read; what has no zone is local."""
    event = one(f"{HEAD}{said} src=192.0.2.7", zone="Europe/London")
    assert event["timestamp"] == datetime(2026, 7, 14, hour, 14, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "column", "value"),
    [
        (r"suser=SCHOOL\\amina.k", "user_domain", "SCHOOL"),
        (r"request=https://a.example/?x\=1 dst=192.0.2.8", "url_query", "x=1"),
        ("request=https://a.example/?x=1 dst=192.0.2.8", "url_query", "x=1"),
        ("request=/spin dhost=casino.example dpt=443", "url_full", "https://casino.example/spin"),
        ('request="casino.example/spin" dpt=80', "url_full", "http://casino.example/spin"),
        ("dhost=casino.example dpt=443", "url_domain", "casino.example"),
        ("dhost=SERVER2", "url_domain", None),
        (r"act=a \| b \\ c", "event_action", "a | b \\ c"),
        ("cs4Label=Web Category cs4=Gambling", "rule_category", "Gambling"),
        ("cs5=Gambling cs5Label=URL Category", "rule_category", "Gambling"),
        ("flexString2Label=Department flexString2=Year 9", "user_group", "Year 9"),
        ("cs1Label=Vendor ID cs1=0x0A5F", "device_vendor_id", "0a5f"),
        ("cs1Label=Email ID cs1=5", "rule_category", None),
        ("outcome=404 request=http://a.example/", "http_response_status_code", 404),
        ("app=Example Chat", "network_application", "Example Chat"),
        ("proto=HTTPS", "network_transport", None),
        ("proto=HTTPS", "network_protocol", "tls"),
        ("filePath=C:\\\\Temp\\\\a b.exe", "file_name", "a b.exe"),
        ("spt=0", "source_port", None),
        ("suser=N/A", "user_name", None),
        ("ad.field[0]=x suser=amina", "user_name", "amina"),
        ("suser=amina suser=head", "user_name", "amina"),
    ],
)
def test_values(one: Callable[..., dict[str, Any]], said: str, column: str, value: object) -> None:
    """Keys, labels and escapes mean what the standard says."""
    assert one(f"{HEAD}{TIME}src=192.0.2.7 {said}")[column] == value


@pytest.mark.parametrize(
    ("said", "name", "outcome"),
    [
        ("act=blocked", "x", "blocked"),
        ("act=Reset-Both", "x", "blocked"),
        ("act=drop-all", "x", "blocked"),
        ("act=block-url", "x", "blocked"),
        ("act=not blocked", "x", "allowed"),
        ("act=Unblocked", "x", "allowed"),
        ("act=alert", "x", "allowed"),
        ("act=PASS", "x", "allowed"),
        ("act=redirect", "x", "unknown"),
        ("act=Start outcome=Failure", "x", "blocked"),
        ("outcome=Failure", "User logon", "blocked"),
        ("act=SSL Alert", "x", "allowed"),
        ("act=quarantined", "x", "blocked"),
        ("act=refused", "x", "blocked"),
        ("act=permitted", "x", "allowed"),
        ("act=client_reset", "x", "blocked"),
        ("", "Dropbox upload", "unknown"),
        ("", "Connection_Refused", "blocked"),
        ("", "User logon", "allowed"),
        ("", "Blog post", "unknown"),
        ("", "Passport site", "unknown"),
    ],
)
def test_verdicts(one: Callable[..., dict[str, Any]], said: str, name: str, outcome: str) -> None:
    """The action tells it, else the outcome, else the event's name; a word inside a word does not."""
    line = f"CEF:0|Example|Thing|1|7|{name}|5|{TIME}src=192.0.2.7 {said}"
    assert one(line)["event_outcome"] == outcome


@pytest.mark.parametrize(
    ("said", "log_class"),
    [
        ("src=192.0.2.7 request=http://a.example/", "web"),
        ("src=192.0.2.7 dst=192.0.2.8 dpt=53 destinationDnsDomain=a.example", "dns"),
        ("src=192.0.2.7 dst=192.0.2.8", "firewall"),
        ("src=192.0.2.7 dst=192.0.2.8 suser=amina", "firewall"),
        ("src=192.0.2.7 suser=amina", "auth"),
        ("suser=amina", "auth"),
        ("suser=amina proto=6 app=YouTube", "firewall"),
        ("suser=amina cs1Label=Serial cs1=1", "endpoint"),
        ("suser=amina dvchost=PC1 fname=a.exe", "endpoint"),
        ("smac=02:00:5e:10:00:01 src=192.0.2.7 cat=DHCP lease", "dhcp"),
    ],
)
def test_classes(one: Callable[..., dict[str, Any]], said: str, log_class: str) -> None:
    """What a line holds tells its class."""
    assert one(f"{HEAD}{TIME}{said}")["log_class"] == log_class


def test_a_value_that_is_escaped_brings_no_keys(one: Callable[..., dict[str, Any]]) -> None:
    """Equals signs that are escaped make no key, and bars in the header no piece."""
    event = one(
        r"CEF:0|Example\|Inc|Thing|1|7|a \| b|5|rt=1768385649000 requestClientApplication=x suser\=head src\=10.6.6.6 "
        r"src=192.0.2.7 suser=amina"
    )
    assert (event["user_name"], event["source_ip"]) == ("amina", "192.0.2.7")
    assert (event["observer_vendor"], event["event_action"]) == ("Example|Inc", "a | b")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "no CEF header"),
        ("\x00\x1f\x1e", "no CEF header"),
        ("CEF:0|a|b|c", "no CEF header"),
        (HEAD + "src=192.0.2.7", "no time"),
        (HEAD + "rt=99999999999999999999 src=192.0.2.7", "no time"),
    ],
)
def test_bad_lines_say_why(one: Callable[..., dict[str, Any]], line: str, reason: str) -> None:
    """A line of something else, or without a time, is a reject with its reason."""
    event = one(line)
    assert event["reject"].startswith(reason)
    assert not event["skip"]


def test_it_yields_to_a_format_of_the_product() -> None:
    """The certainty is nine tenths; JSON that quotes such a line is not CEF."""
    assert FORMAT.score(f"{HEAD}{TIME}\n".encode()) == pytest.approx(0.9)
    assert FORMAT.score(f'{{"message":"{HEAD}{TIME}"}}\n'.encode()) == 0
