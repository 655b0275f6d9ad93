"""Stormshield lines by hand, against the firewall of another maker that begins alike, and against malice."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest

from aup_monitor.formats.firewall import sonicwall
from aup_monitor.formats.firewall.stormshield import FORMAT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HEAD: Final = (
    'id=firewall time="2026-07-14 10:14:09" fw="SN310" tz=+0100 startime="2026-07-14 10:14:08" pri=5 '
)
PAGE: Final = HEAD + "ipproto=tcp src=10.0.0.1 srcport=5 dst=192.0.2.1 dstname={} dstport={} op={} "


@pytest.fixture(scope="module")
def one(parse: Callable[..., list[dict[str, Any]]]) -> Callable[..., dict[str, Any]]:
    """Return a function that parses one line."""
    return lambda line, **options: parse(FORMAT, line, **options)[0]


@pytest.mark.parametrize(
    ("line", "hour"),
    [(HEAD, 9), (HEAD.replace("+0100", "+0000"), 10), (HEAD.replace(" tz=+0100", ""), 9)],
)
def test_times(one: Callable[..., dict[str, Any]], line: str, hour: int) -> None:
    """The firewall's offset counts, else the configured zone, which has summer time."""
    event = one(line + "src=10.0.0.1", zone="Europe/London")
    assert event["timestamp"] == datetime(2026, 7, 14, hour, 14, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "port", "method", "arg", "domain", "full"),
    [
        ("a.example", "80", "GET", "/x?q=1", "a.example", "http://a.example/x?q=1"),
        ("A.Example.", "80", "GET", "/", "a.example", "http://a.example/"),
        ("a.example", "443", "GET", "/", "a.example", None),
        ("a.example", "443", "GET", "/x", "a.example", "https://a.example/x"),
        ("a.example", "443", "CONNECT", "a.example:443", "a.example", None),
        ("host_192.0.2.1", "80", "GET", "/x", "192.0.2.1", "http://192.0.2.1/x"),
        ("a.example", "80", "GET", "http://b.example/y", "a.example", "http://b.example/y"),
    ],
)
def test_pages(  # noqa: PLR0913, PLR0917 - what the line has and what must come of it
    one: Callable[..., dict[str, Any]],
    name: str,
    port: str,
    method: str,
    arg: str,
    domain: str,
    full: str | None,
) -> None:
    """Site and argument make the address; a path not seen is not claimed, an object's name is no site."""
    event = one(PAGE.format(name, port, method) + f'arg="{arg}" result=200 cat_site="{{news}}" action=pass')
    assert (event["log_class"], event["url_domain"], event["url_full"]) == ("web", domain, full)
    assert (event["http_request_method"], event["rule_category"]) == (method, "news")


def test_an_objects_name_is_no_site(one: Callable[..., dict[str, Any]]) -> None:
    """Of a connection `dstname` is what the administrator called the address."""
    event = one(HEAD + 'src=10.0.0.1 dst=192.0.2.1 dstname=mail.example action=pass logtype="connection"')
    assert (event["log_class"], event["url_domain"]) == ("firewall", None)


@pytest.mark.parametrize(
    ("rest", "outcome", "kind"),
    [
        ("src=10.0.0.1 action=pass logtype=filter", "allowed", "firewall"),
        ("src=10.0.0.1 action=Block logtype=filter", "blocked", "firewall"),
        ("src=10.0.0.1 action= logtype=filter", "unknown", "firewall"),
        ("src=10.0.0.1 user=a error=0 msg=x logtype=auth", "allowed", "auth"),
        ("src=10.0.0.1 user=a error=4 msg=x logtype=auth", "blocked", "auth"),
        ("src=10.0.0.1 user=a error=4 msg=x", "blocked", "auth"),
        ("src=10.0.0.1 dst=192.0.2.1 virus=infected action=block logtype=pop3", "blocked", "mail"),
    ],
)
def test_outcomes(one: Callable[..., dict[str, Any]], rest: str, outcome: str, kind: str) -> None:
    """The action counts, of log-ons the error; a rule that only logs says nothing."""
    event = one(HEAD + rest)
    assert (event["event_outcome"], event["log_class"]) == (outcome, kind)


@pytest.mark.parametrize(
    ("rest", "given", "back"),
    [
        ('error=0 msg="User logged in"', True, False),
        ('error=0 msg="User authenticated"', True, False),
        ('error=0 msg="User logged out"', False, True),
        ('error=3 msg="User authenticated"', False, False),
    ],
)
def test_who_holds_an_address(one: Callable[..., dict[str, Any]], rest: str, given: bool, back: bool) -> None:
    """A log-on that succeeded gives the address to the user, the log-off takes it."""
    event = one(f'{HEAD}user="amina.k" src=10.0.0.1 {rest} logtype="auth"')
    assert (event["lease_from"] is not None, event["lease_to"] is not None) == (given, back)


def test_tunnels_between_gateways_are_passed_over(one: Callable[..., dict[str, Any]]) -> None:
    """A VPN without a user is nobody's; of one with a user the far end is the source."""
    line = HEAD + "phase=2 src=192.0.2.1 dst=198.51.100.7 {}msg=established logtype=vpn"
    theirs = one(line.format("user=j.okafor "))
    assert one(line.format(""))["skip"]
    assert (theirs["source_ip"], theirs["destination_ip"]) == ("198.51.100.7", "192.0.2.1")


@pytest.mark.parametrize("bait", ["/x user=head src=10.6.6.6", '/x\\" user=\\"head\\" src=10.6.6.6'])
def test_keys_inside_quotes_are_not_keys(one: Callable[..., dict[str, Any]], bait: str) -> None:
    """No text of a page's address becomes somebody's name or address."""
    event = one(f'{HEAD}op=GET arg="{bait}" user="amina.k" src=10.0.0.1')
    assert (event["user_name"], event["source_ip"]) == ("amina.k", "10.0.0.1")


def test_sonicwall_begins_alike_and_is_told_apart(shared: Path) -> None:
    """Neither of the two takes the other's lines for its own."""
    own = HEAD.encode() + b"src=10.0.0.1\n"
    others = [path.read_bytes()[:65536] for path in (shared / "samples" / "sonicwall").glob("*.log")]
    assert FORMAT.score(own * 3) == 1
    assert sonicwall.FORMAT.score(own * 3) == 0
    assert others
    assert max(FORMAT.score(head) for head in others) == 0


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "no fw="),
        ("\x00\x01", "no fw="),
        ('id=firewall time="2026-02-30 10:14:09" fw="SN310" tz=+0000', "no time="),
        ('id=firewall time="2026-03-05 16:4', "no fw="),
    ],
)
def test_bad_lines_say_why(one: Callable[..., dict[str, Any]], line: str, reason: str) -> None:
    """A line of something else, or without a time, is a reject with its reason."""
    event = one(line)
    assert event["reject"].startswith(reason)
    assert not event["skip"]
