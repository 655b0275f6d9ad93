"""One thing, written in many ways: times, addresses, hosts and accounts come out as one, through the whole reader."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Final

import polars as pl
import pytest

from aup_monitor.core.format import Context
from aup_monitor.formats.dns import dnsmasq
from aup_monitor.formats.firewall import fortigate
from aup_monitor.formats.reader import read_blocks
from aup_monitor.formats.web import squid

MOMENT: Final = datetime(2026, 1, 12, 10, 3, 17, tzinfo=UTC)


def squid_event(
    user: str = "alice", url: str = "http://a.example/", client: str = "10.0.0.5"
) -> dict[str, object]:
    """Return the event of a Squid line with these."""
    line = (
        f"1768212197.000    120 {client} TCP_MISS/200 512 GET {url} {user} HIER_DIRECT/192.0.2.5 text/html\n"
    )
    return one(squid.FORMAT, line)


def one(
    fmt: object, line: str, zone: str = "Europe/London", reference: datetime = MOMENT
) -> dict[str, object]:
    """Return the one row of a line."""
    blocks = read_blocks(fmt, io.BytesIO(line.encode()), Context(zone, reference))  # type: ignore[arg-type]
    return pl.concat([b.frame for b in blocks], how="diagonal").to_dicts()[0]


def dns_time(written: str, zone: str = "Europe/London", reference: datetime = MOMENT) -> object:
    """Return the time of a dnsmasq line, which writes local time without a year."""
    return one(dnsmasq.FORMAT, f"{written} dnsmasq[1]: query[A] a.example from 10.0.0.1\n", zone, reference)[
        "timestamp"
    ]


@pytest.mark.parametrize(
    ("written", "reference", "year"),
    [
        ("Jan 12 10:03:17", datetime(2026, 1, 12, 11, tzinfo=UTC), 2026),
        ("Dec 31 23:59:59", datetime(2026, 1, 1, 1, tzinfo=UTC), 2025),
        ("Feb 29 12:00:00", datetime(2026, 3, 1, tzinfo=UTC), 2024),
    ],
)
def test_a_syslog_time_without_a_year(written: str, reference: datetime, year: int) -> None:
    """The year is the last in which the time is not after the file's last change."""
    found = dns_time(written, reference=reference)
    assert isinstance(found, datetime)
    assert found.year == year


def test_the_hour_that_repeats_in_autumn() -> None:
    """Of 01:30 twice on 25 October 2026 the first, in summer time, is meant."""
    later = datetime(2026, 10, 26, tzinfo=UTC)
    assert dns_time("Oct 25 01:30:00", reference=later) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert dns_time("Oct 25 02:30:00", reference=later) == datetime(2026, 10, 25, 2, 30, tzinfo=UTC)


def test_the_hour_that_is_missing_in_spring() -> None:
    """01:30 on 29 March 2026, which no clock showed, is read as if the clocks had not changed yet."""
    later = datetime(2026, 3, 30, tzinfo=UTC)
    assert dns_time("Mar 29 01:30:00", reference=later) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert dns_time("Mar 29 02:30:00", reference=later) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "hour"), [("Europe/London", 9), ("Europe/Paris", 8), ("UTC", 10), ("Asia/Dubai", 6)]
)
def test_each_source_has_its_own_zone(zone: str, hour: int) -> None:
    """The same local time of summer is another moment in another zone."""
    found = dns_time("Jul 13 10:03:17", zone, datetime(2026, 7, 13, 12, tzinfo=UTC))
    assert found == datetime(2026, 7, 13, hour, 3, 17, tzinfo=UTC)


@pytest.mark.parametrize("unit", [1, 10**3, 10**6, 10**9], ids=["s", "ms", "us", "ns"])
def test_seconds_milliseconds_microseconds_nanoseconds(unit: int) -> None:
    """A number since 1970 is told by its size."""
    epoch = int(MOMENT.timestamp()) * unit
    line = f'eventtime={epoch} logid="0000000013" type="traffic" subtype="forward" srcip=10.0.0.1 action="accept"\n'
    assert one(fortigate.FORMAT, line)["timestamp"] == MOMENT


def test_a_dash_and_nothing_are_nothing() -> None:
    """`-` is no account, no type, no host and no server."""
    line = "1768212197.000    120 10.0.0.5 NONE_NONE/000 0 - error:invalid-request - HIER_NONE/- -\n"
    row = one(squid.FORMAT, line)
    for column in (
        "user_name",
        "http_response_mime_type",
        "url_domain",
        "destination_ip",
        "http_request_method",
    ):
        assert row[column] is None, column


def test_percent_encoding_is_kept_in_addresses_and_undone_in_accounts() -> None:
    """An address stays as it was sent, so that nothing is guessed; an account is a name."""
    row = squid_event(user="SCHOOL%5Calice%20m", url="http://a.example/caf%C3%A9?q=a%2Bb+c")
    assert (row["url_path"], row["url_query"]) == ("/caf%C3%A9", "q=a%2Bb+c")
    assert (row["user_domain"], row["user_name"]) == ("SCHOOL", "alice m")


def test_addresses_of_ipv6() -> None:
    """Clients are canonical text; a host in brackets loses them, and its port is a column."""
    row = squid_event(client="2001:DB8:0:0::5", url="http://[2001:db8::80]:8080/x")
    assert row["source_ip"] == "2001:db8::5"
    assert (row["url_domain"], row["destination_port"]) == ("2001:db8::80", 8080)


@pytest.mark.parametrize(
    "host", ["bücher.example", "BÜCHER.example", "xn--bcher-kva.example", "bücher.example."]
)
def test_a_host_in_other_letters(host: str) -> None:
    """Whether a log writes letters or punycode, a list finds the one name."""
    assert squid_event(url=f"http://{host}/")["url_domain"] == "xn--bcher-kva.example"


def test_a_host_that_cannot_be_a_name_is_kept_as_written() -> None:
    """What no name may hold is evidence all the same."""
    assert squid_event(url="http://a\u2028b.example/")["url_domain"] == "a\u2028b.example"


@pytest.mark.parametrize(
    ("written", "user", "domain"),
    [
        ("alice", "alice", None),
        ("SCHOOL\\alice", "alice", "SCHOOL"),
        ("SCHOOL%5Calice", "alice", "SCHOOL"),
        ("alice@school.example", "alice", "school.example"),
        ("alice%40school.example", "alice", "school.example"),
        ("CN=Alice%20Moss,OU=Pupils,DC=school,DC=example", "Alice Moss", "school.example"),
        ("uid=amoss,ou=People,dc=school,dc=example", "amoss", "school.example"),
        ("CN=Moss%5C%2C%20Alice,OU=Year%207,DC=school,DC=example", "Moss, Alice", "school.example"),
        ("LDAP://dc1.school.example/CN=amoss,OU=Pupils,DC=school,DC=example", "amoss", "school.example"),
    ],
)
def test_accounts_by_name_domain_realm_escapes_and_ldap(written: str, user: str, domain: str | None) -> None:
    """However an account is written, its name and its domain are apart."""
    row = squid_event(user=written)
    assert (row["user_name"], row["user_domain"]) == (user, domain)
