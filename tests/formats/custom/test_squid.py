"""Squid's logformat directive: real lines by it and by the formats written for them, quoting, and every time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from aup_monitor.core.errors import ConfigError
from aup_monitor.core.format import Format
from aup_monitor.formats.custom.directive import Token, tokens_of
from aup_monitor.formats.web import combined, squid

Described = Callable[..., Format]
Rows = Callable[..., list[dict[str, Any]]]

ROOT = Path(__file__).parents[3]
NATIVE = "%ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %[un %Sh/%<a %mt"
COMBINED = '%>a - %[un [%tl] "%rm %ru HTTP/%rv" %>Hs %<st "%{Referer}>h" "%{User-Agent}>h" %Ss:%Sh'
EXTENSIVE = (
    "%ts.%03tu %6tr %>a %>p %Ss/%03>Hs %<st %>st %<sh %>sh %<bs %rm %ru %rv %[un %Sh/%<a %<p %mt %ssl::>sni %ssl::bump_mode "
    '"%{Referer}>h" "%{User-Agent}>h" "%{Host}>h" "%{X-Forwarded-For}>h" %dt %err_code'
)


def told(row: dict[str, Any]) -> dict[str, Any]:
    """Return what a row says, without what is null."""
    return {name: value for name, value in row.items() if value is not None}


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("elastic-beats-2022__squid__log__access1.log", 100),
        ("github-RichMix__squid_access.log", 100),
        ("github-kujiraitakahiro__squid_access.log", 100),
        ("issues__squid-sslbump-salrashid123-squid_proxy-issue10.log", 8),
        ("logscale__Squid-proxy.log", 4),
        ("oms-agent__squid_log_parser_plugintest.log", 4),
    ],
)
def test_real_native_lines_are_read_as_the_format_squid_reads_them(
    described: Described, rows: Rows, shared: Path, name: str, lines: int
) -> None:
    """Squid's own directive of the native form gives the same events, column for column."""
    content = (shared / "samples" / "squid" / name).read_bytes()
    ours = rows(described(kind="squid", logformat=NATIVE), content)
    theirs = rows(squid.FORMAT, content)
    assert len(ours) == len(theirs) >= lines
    for one, other in zip(ours, theirs, strict=True):
        assert told(one) == told(other)


def test_our_sample_of_combined_is_read_as_the_format_combined_reads_it(
    described: Described, rows: Rows
) -> None:
    """The lines that Squid writes by its combined directive give the same events."""
    lines = [
        '192.168.7.21 - ELMPARK%5calice [12/Jan/2026:08:45:01 +0000] "GET http://www.example.org/a?b=c HTTP/1.1" 200 512 "-" "Mozilla/5.0" TCP_MISS:HIER_DIRECT',
        '192.168.7.21 - - [12/Jul/2026:08:45:01 +0100] "CONNECT www.example.org:443 HTTP/1.1" 403 0 "http://a.example/" "-" TCP_DENIED:HIER_NONE',
        '2001:db8::7 - bob [12/Jan/2026:08:45:01 +0000] "GET http://www.example.org/ HTTP/1.1" 407 512 "-" "x" TCP_DENIED:HIER_NONE',
    ]
    content = "".join(f"{line}\n" for line in lines)
    ours, theirs = rows(described(kind="squid", logformat=COMBINED), content), rows(combined.FORMAT, content)
    assert [told(row) for row in ours] == [told(row) for row in theirs]


def test_real_lines_of_a_long_directive(described: Described, rows: Rows, shared: Path) -> None:
    """Nine lines of a logformat with 25 codes; two that another directive wrote, with one field more, are rejects."""
    path = shared / "samples" / "squid" / "elastic-integrations-2026__test-access-extensive.log"
    fmt = described(kind="squid", logformat=EXTENSIVE)
    found = rows(fmt, path.read_bytes())
    good = [row for row in found if row["reject"] is None]
    assert (len(good), len(found)) == (9, 11)
    assert fmt.score(path.read_bytes()) > 0.7
    first, tunnel, browser = good[0], good[1], good[6]
    assert first["timestamp"] == datetime(2026, 3, 13, 15, 48, 42, 391_000, tzinfo=UTC)
    assert (first["source_ip"], first["source_port"], first["user_name"]) == (
        "10.105.21.199",
        58938,
        "badeyek",
    )
    assert (first["destination_ip"], first["url_full"]) == ("203.0.113.10", "http://example.com/")
    assert (first["destination_bytes"], first["source_bytes"], first["event_duration"]) == (
        904,
        123,
        104_000_000,
    )
    assert (first["user_agent_original"], first["http_request_referrer"]) == ("curl/8.14.1", None)
    assert (tunnel["url_full"], tunnel["url_domain"], tunnel["destination_port"]) == (
        None,
        "www.google.com",
        443,
    )
    assert browser["user_agent_original"].startswith("Mozilla/5.0 (X11; Linux x86_64; rv:128.0)")
    assert browser["http_request_referrer"] == "https://www.google.com/"
    assert {row["event_outcome"] for row in good} == {"allowed"}


@pytest.mark.parametrize(
    ("text", "token"),
    [
        ("%>a", Token(">a", "", "", "")),
        ("%6tr", Token("tr", "", "", "right")),
        ("%-20ru", Token("ru", "", "", "left")),
        ("%03>Hs", Token(">Hs", "", "", "right")),
        ("%[un", Token("un", "", "[", "")),
        ('%"un', Token("un", "", '"', "")),
        ("%#>ru", Token(">ru", "", "#", "")),
        ("%/ue", Token("ue", "", "/", "")),
        ("%'mt", Token("mt", "", "'", "")),
        ("%{Referer}>h", Token(">h", "Referer", "", "")),
        ("%>h{User-Agent}", Token(">h", "User-Agent", "", "")),
        ("%{%Y-%m-%d}tl", Token("tl", "%Y-%m-%d", "", "")),
        ("%ssl::>sni", Token("ssl::>sni", "", "", "")),
        ("%http::>Hs", Token(">Hs", "", "", "")),
        ("%transport::>connection_id", Token("transport::>connection_id", "", "", "")),
        ("%request_attempts", Token("request_attempts", "", "", "")),
    ],
)
def test_codes_are_taken_apart(text: str, token: Token) -> None:
    """Quoting, width, arguments before and after, names with a space of their own."""
    assert tokens_of(text) == [token]


def test_quotes_and_brackets_quote_what_they_hold() -> None:
    """A literal per cent sign is text, and seconds with their thousandths are one code."""
    codes = [part for part in tokens_of('[%tl] "%{Referer}>h" %% %ts.%03tu') if isinstance(part, Token)]
    assert [(token.code, token.quoting) for token in codes] == [("tl", "["), (">h", '"'), ("ts.tu", "")]
    assert " % " in [part for part in tokens_of("%ts %% %tu") if isinstance(part, str)]


@pytest.mark.parametrize(
    ("directive", "line", "moment"),
    [
        ("%ts %ru", "1768207501 http://a.example/", datetime(2026, 1, 12, 8, 45, 1, tzinfo=UTC)),
        ("%tS %ru", "1768207501.250 http://a.example/", datetime(2026, 1, 12, 8, 45, 1, 250_000, tzinfo=UTC)),
        ("%tl %ru", "06/Jul/2026:09:00:00 +0100 http://a.example/", datetime(2026, 7, 6, 8, tzinfo=UTC)),
        ("%{%Y-%m-%d %H:%M:%S}tl %ru", "2026-07-06 09:00:00 http://a.example/", datetime(2026, 7, 6, 8, tzinfo=UTC)),
        ("%{%Y-%m-%d %H:%M:%S}tg %ru", "2026-07-06 09:00:00 http://a.example/", datetime(2026, 7, 6, 9, tzinfo=UTC)),
        ("%{%d.%m.%Y}tl;%{%H:%M:%S}tl;%ru", "06.07.2026;09:00:00;http://a.example/", datetime(2026, 7, 6, 8, tzinfo=UTC)),
        ("%ts.%03tu %tl %ru", "1768207501.000 06/Jul/2026:09:00:00 +0100 http://a.example/", datetime(2026, 1, 12, 8, 45, 1, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_times(described: Described, rows: Rows, directive: str, line: str, moment: datetime) -> None:
    """Counted, local and of Greenwich, in one code or two; the most exact counts."""
    (row,) = rows(described(kind="squid", logformat=directive), line + "\n")
    assert row["timestamp"] == moment
    assert row["url_domain"] == "a.example"


@pytest.mark.parametrize(
    ("field", "written", "agent"),
    [
        ('"%{User-Agent}>h"', r'"Odd \"one\" \\ 1"', 'Odd "one" \\ 1'),
        ("%{User-Agent}>h", "Mozilla/5.0%20(X11)", "Mozilla/5.0 (X11)"),
        ("[%{User-Agent}>h]", "[Mozilla/5.0 (X11) %5bx%5d]", "Mozilla/5.0 (X11) [x]"),
        ("%#{User-Agent}>h", "a%20b%25c", "a b%c"),
        ("%/{User-Agent}>h", '"a \\"b\\" c"', 'a "b" c'),
        ("%/{User-Agent}>h", "curl/8", "curl/8"),
        ("%'{User-Agent}>h", "as it is", "as it is"),
        ('"%{User-Agent}>h"', '"-"', None),
    ],
)
def test_quoting_is_undone(
    described: Described, rows: Rows, field: str, written: str, agent: str | None
) -> None:
    """Each way in which Squid may write a header."""
    (row,) = rows(
        described(kind="squid", logformat=f"%ts {field} %ru"), f"1768207501 {written} http://a.example/\n"
    )
    assert (row["user_agent_original"], row["url_domain"]) == (agent, "a.example")


@pytest.mark.parametrize(
    ("result", "bump", "error", "outcome"),
    [
        ("TCP_MISS/200", "bump", "-", "allowed"),
        ("TCP_DENIED/403", "-", "ERR_ACCESS_DENIED", "blocked"),
        ("TCP_DENIED/407", "-", "ERR_CACHE_ACCESS_DENIED", "unknown"),
        ("NONE/200", "terminate", "-", "blocked"),
        ("NONE_NONE/200", "peek", "-", "unknown"),
        ("TCP_REDIRECT/302", "-", "-", "unknown"),
    ],
)
def test_outcomes(  # noqa: PLR0913, PLR0917 - one parameter a column of the table
    described: Described, rows: Rows, result: str, bump: str, error: str, outcome: str
) -> None:
    """By Squid's result, by its error page, and by a connection that it ended."""
    fmt = described(kind="squid", logformat="%ts %Ss/%03>Hs %ssl::bump_mode %err_code %rm %ru %ssl::>sni")
    (row,) = rows(fmt, f"1768207501 {result} {bump} {error} CONNECT 192.0.2.7:443 WWW.Example.org\n")
    assert (row["event_outcome"], row["tls_server_name"], row["url_domain"]) == (
        outcome,
        "www.example.org",
        "192.0.2.7",
    )


def test_own_codes_and_a_peer_that_is_no_server(described: Described, rows: Rows) -> None:
    """A code that fills nothing by itself may fill a column; with a parent proxy the server is not known."""
    fmt = described(
        kind="squid",
        logformat="%ts %>eui %>A %Sh/%<a %{category}note %{X-Client}>h %ru",
        columns={"rule_category": "%{category}note", "source_ip": "{x-client}>h"},
    )
    direct, parent = rows(
        fmt,
        "1768207501 00:16:3e:aa:bb:cc lib-pc-04 HIER_DIRECT/192.0.2.7 games, fun 10.0.0.9 http://a.example/\n"
        "1768207501 - 10.0.0.1 FIRSTUP_PARENT/192.0.2.8 - - error:transaction-end-before-headers\n",
    )
    assert (direct["source_mac"], direct["host_name"], direct["destination_ip"]) == (
        "00:16:3e:aa:bb:cc",
        "lib-pc-04",
        "192.0.2.7",
    )
    assert (direct["rule_category"], direct["source_ip"]) == ("games, fun", "10.0.0.9")
    assert (parent["host_name"], parent["destination_ip"], parent["url_domain"]) == (None, None, None)


def test_a_directive_that_says_too_little(described: Described) -> None:
    """Without a time nothing can be read; a column cannot be filled from a code that is not written."""
    with pytest.raises(ConfigError, match=r"writes no time[\s\S]*add %ts"):
        described(kind="squid", logformat="%>a %ru")
    with pytest.raises(ConfigError, match="does not write '%et'"):
        described(kind="squid", logformat="%ts %ru", columns={"rule_name": "%et"})


def test_a_bad_line_is_a_reject(described: Described, rows: Rows) -> None:
    """A line of another logformat says so."""
    (row,) = rows(described(kind="squid", logformat=NATIVE), "nothing of the kind\n")
    assert row["reject"] == "not the fields of this logformat"
