"""
Log of dnsmasq, and of Pi-hole, whose resolver it is: queries (`log-queries`, also `log-queries=extra`) and leases.

Lines look like this:

    Jan 12 10:03:17 dnsmasq[633]: query[A] www.example.org from 192.168.7.21
    Jan 12 10:03:17 dnsmasq[633]: gravity blocked www.example.org is 0.0.0.0
    Jan 12 10:03:18 dnsmasq[633]: 21745 192.168.7.21/59490 query[AAAA] www.example.net from 192.168.7.21
    Jan 12 10:03:19 dnsmasq-dhcp[633]: DHCPACK(eth0) 192.168.7.21 00:53:0a:0b:0c:0d lib-pc-04

Reference: https://thekelleys.org.uk/dnsmasq/docs/dnsmasq-man.html (`log-queries`, `log-dhcp`) and
https://docs.pi-hole.net/ftldns/ (what Pi-hole adds)

What it fills: a `query[...]` line becomes an event with the time, the client's address, the name and the type asked
for; its outcome is unknown. A line that says that a name was blocked (`gravity blocked`, `regex denied`, `exactly
blacklisted`, a special domain, or a `config` answer of nowhere: NXDOMAIN, NODATA, 0.0.0.0 or ::) becomes an event of
its own with the outcome blocked, and what blocked it as `rule_name`.

Whose query was blocked: the line names nobody unless `log-queries=extra` is set. Its client and type are those of the
newest query for the same name within the 64 lines before; without one they stay empty.

Leases: `DHCPACK`, and `DHCPREPLY` with an address, become events of the class dhcp, with the device's hardware address (of IPv6:
that in its DUID, where it holds one) and the name that it gives itself, and say that it holds the address from then on;
`DHCPRELEASE` and `DHCPDECLINE` with an address say that it came back. `DHCPNAK` is blocked. For how long a lease is, the file of
leases says: format `dnsmasq-leases`.

What it lacks: accounts, addresses beyond the name, and what was done there. An answer is not proof of a visit.

Caveats:

- The time has no year and no zone: the zone is the site's, and the year follows from the file's last change. Of the
  hour that repeats when the clocks go back, the first is meant.
- Answers (`reply`, `cached`, `forwarded`, `/etc/hosts`, `DHCP`), discoveries, offers and requests of DHCP, start-up lines and other
  programs' lines are skipped.
- A `config` answer of nowhere to a local name, one without a dot or a reverse look-up is skipped: dnsmasq gives it by
  itself to spare the servers above.
- Client addresses are those that dnsmasq sees: a second resolver in front of it hides who asked.

Checked on real lines: 13 of Pi-hole and 3 of an older dnsmasq, by hand; leases by eye on 149 that a dnsmasq 2.90 wrote for a
test, the releases of IPv4 from its manual.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.formats.dns._dnsmasq_dhcp import leases
from aup_monitor.formats.dns.questions import question_name
from aup_monitor.formats.pieces import cut, groups
from aup_monitor.formats.syslog import unwrap

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

LOOKBACK: Final = 64

_EXTRA: Final = r"^(?<_serial>\d+) (?:(?<_client>[0-9A-Fa-f.:]+)/(?<_port>\d+) )?(?<_body>.*)$"
_ANSWER: Final = r"^(?<_source>.+) (?<_named>\S+) is (?<_answer>.+)$"
_WORDS: Final = ["blocked", "blacklisted", "denied", "domain", "config"]
_VERDICT: Final = (
    r"blocked|blacklisted|denied|^special domain$"
    r"|^(?:Mozilla canary|Apple iCloud Private Relay|Designated Resolver) domain$"
)
_NOWHERE: Final = ("NXDOMAIN", "NODATA", "NODATA-IPv4", "NODATA-IPv6", "0.0.0.0", "::")  # noqa: S104 - an answer
_OWN: Final = r"^[^.]*$|^[0-9.]+$|:|\.(?:arpa|home|internal|lan|local|localdomain)$"
# A name with blanks in it, such as a printer's in a look-up of services.
_LONG: Final = r"^\S+ (?<_long_name>.+) from (?<_long_address>\S+)$"
_ADDRESS: Final = r"^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]+)$"


_LOOKS: Final = r"^(?:<\d{1,3}>)?(?:1 )?[A-Z2]\S+ .{0,300}?\bdnsmasq(?:-[a-z]+)?(?:\[\d+\]:| \d+ \S+ \S+) "


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    read = (
        unwrap(lines.with_row_index("_row"), context)
        .pipe(_body)
        .pipe(_questions)
        .pipe(_verdicts)
        .pipe(_askers)
        .pipe(leases)
    )
    blocked, dhcp = pl.col("_blocked"), pl.col("_dhcp").is_not_null()
    return read.select(
        "offset",
        "timestamp",
        pl.when(dhcp).then(pl.lit("dhcp")).otherwise(pl.lit("dns")).alias("log_class"),
        pl.when(blocked)
        .then(pl.lit("blocked"))
        .otherwise(pl.coalesce("_dhcp", "_verb"))
        .alias("event_action"),
        _outcome(),
        pl.lit("dnsmasq").alias("observer_product"),
        "observer_name",
        pl.coalesce("_leased", "source_ip").alias("source_ip"),
        "source_port",
        "source_mac",
        "host_name",
        pl.when(~dhcp).then(pl.lit("dns")).alias("network_protocol"),
        "dns_question_name",
        "dns_question_type",
        *_answer(),
        pl.when(blocked).then("_source").alias("rule_name"),
        "lease_from",
        "lease_to",
        _reject(),
        (_unwrapped() & ~pl.col("_asks") & ~blocked & ~dhcp).alias(SKIP),
    )


def _body(lines: pl.LazyFrame) -> pl.LazyFrame:
    """Take serial number, client and port of `log-queries=extra` off the message; other programs' become empty."""
    ours = pl.col("program").str.starts_with("dnsmasq").fill_null(False)
    extra = pl.col("message").str.contains(r"^\d+ ")
    return (
        lines.with_columns(pl.when(ours).then("message").fill_null("").alias("message"))
        .with_columns(pl.when(extra).then("message").alias("_extra"))
        .pipe(groups, "_extra", _EXTRA)
        .with_columns(
            pl.col("_port").cast(pl.Int32, strict=False).alias("source_port"),
            pl.coalesce("_body", "message").alias("_body"),
        )
    )


def _questions(lines: pl.LazyFrame) -> pl.LazyFrame:
    """Read `query[A] name from address`."""
    asks = pl.col("_verb").is_in(["query", "auth"]) & pl.col("_bracket").is_not_null()
    whole = pl.col("_asks") & (pl.col("_from") == "from") & pl.col("_address").str.contains(_ADDRESS)
    kind = pl.col("_bracket").str.strip_suffix("]").replace({"type=64": "SVCB", "type=65": "HTTPS"})
    return (
        lines.pipe(cut, "_body", " ", ["_word", "_name", "_from", "_address"])
        .pipe(cut, "_word", "[", ["_verb", "_bracket"])
        .with_columns(asks.fill_null(False).alias("_asks"))
        .with_columns(pl.when("_asks", pl.col("_from") != "from").then("_body").alias("_long"))
        .pipe(groups, "_long", _LONG)
        .with_columns(
            pl.coalesce("_long_name", "_name").alias("_name"),
            pl.coalesce("_long_address", "_address").alias("_address"),
            pl.when(pl.col("_long_name").is_null()).then("_from").otherwise(pl.lit("from")).alias("_from"),
        )
        .with_columns(whole.fill_null(False).alias("_whole"))
        .with_columns(
            pl.when("_whole").then("_address").alias("_asker"),
            pl.when("_whole").then(kind.str.replace("type=", "TYPE", literal=True)).alias("_type"),
        )
    )


def _verdicts(lines: pl.LazyFrame) -> pl.LazyFrame:
    """Read `gravity blocked name is 0.0.0.0`; most lines lack the words and are not looked at further."""
    likely = ~pl.col("_asks") & pl.col("_body").str.contains_any(_WORDS)
    source, answer = pl.col("_source"), pl.col("_answer")
    nowhere = (source == "config") & answer.is_in(_NOWHERE) & ~pl.col("_named").str.contains(_OWN)
    above = (source == "reply") & answer.str.starts_with("blocked")
    return (
        lines.with_columns(pl.when(likely).then("_body").alias("_likely"))
        .pipe(groups, "_likely", _ANSWER)
        .with_columns((source.str.contains(_VERDICT) | nowhere | above).fill_null(False).alias("_blocked"))
    )


def _askers(lines: pl.LazyFrame) -> pl.LazyFrame:
    """Give each verdict the client and the type of the newest question for its name, at most `LOOKBACK` lines old."""
    name = pl.when("_whole").then("_name").when("_blocked").then("_named")
    recent = pl.col("_row") - pl.col("_asked_at") <= LOOKBACK
    return (
        lines.with_columns(
            question_name(name),
            pl.when("_whole").then("_row").cast(pl.Int64).alias("_asked_at"),
        )
        .with_columns(
            pl.col("_asked_at", "_asker", "_type").forward_fill().over("_serial", "dns_question_name")
        )
        .with_columns(
            pl.coalesce("_client", pl.when(recent).then("_asker")).alias("source_ip"),
            pl.when(recent).then("_type").alias("dns_question_type"),
        )
    )


def _outcome() -> pl.Expr:
    refused = pl.col("_blocked") | (pl.col("_dhcp") == "DHCPNAK")
    return (
        pl.when(refused)
        .then(pl.lit("blocked"))
        .when(pl.col("lease_from").is_not_null())
        .then(pl.lit("allowed"))
        .otherwise(pl.lit("unknown"))
        .alias("event_outcome")
    )


def _answer() -> list[pl.Expr]:
    """Return response code and addresses of a verdict."""
    answer = pl.when(pl.col("_blocked")).then("_answer")
    address = answer.str.contains(_ADDRESS)
    refused = answer.is_in(["NXDOMAIN", "REFUSED", "SERVFAIL"])
    return [
        pl.when(refused)
        .then(answer)
        .when(address | answer.str.starts_with("NODATA"))
        .then(pl.lit("NOERROR"))
        .alias("dns_response_code"),
        pl.when(address).then(answer).alias("dns_answers"),
    ]


def _unwrapped() -> pl.Expr:
    return pl.col("timestamp").is_not_null() & pl.col("program").is_not_null()


def _reject() -> pl.Expr:
    return (
        pl.when(~_unwrapped())
        .then(pl.lit("not a line of syslog, or its time is not understood"))
        .when(pl.col("_asks") & ~pl.col("_whole"))
        .then(pl.lit("a query that does not say who asked for what"))
        .alias(REJECT)
    )


FORMAT: Final = Format(
    name="dnsmasq",
    log_class="dns",
    title="dnsmasq or Pi-hole log",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
    lookback=LOOKBACK,
)
