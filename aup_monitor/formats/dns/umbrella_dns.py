r"""
Cisco Umbrella DNS log, the CSV that Umbrella puts into an S3 bucket.

    "2026-01-12 08:45:01","Year 9 laptops","Year 9 laptops,Main Site","192.168.7.21","203.0.113.5","Blocked","1 (A)","NOERROR","casino.example.","Gambling","Internal Networks","Internal Networks,Sites","Gambling"

Every field stands in quotes; older versions of the log end at the categories, newer ones add fields at the end.
Reference: https://docs.umbrella.com/deployment-umbrella/docs/dns-log-formats

What it fills: time (UTC), the client (its address inside the school, else the school's own), name and type asked for,
response code, verdict, categories (of a blocked question those that decided), the number of the rule where it is there.

Who it was: Umbrella names "identities", which may be a person, a computer, a network or a site. The policy identity is a
user where its type says so (AD users, G Suite users, ...); else a person is taken from the list of identities only if one
stands there with an address: `Alice Example (alice@elmpark.example)`. The policy identity is the device's name where its
type is a computer, a client or a device; else the last identity of the list is, where the last type is one.

The outcome: Allowed and Blocked as written; Proxied (sent on to the intelligent proxy) is unknown.

Lacks: answers; the account in most schools that only direct their networks' traffic to Umbrella.
Caveats: the log arrives up to ten minutes late and is not always in order. A blocked name is answered NOERROR, with the
address of the page that says so. A question is no proof of a visit.

Checked on 10 real lines, 3 of them against an independent parse.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.core.schema import TIME
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.delimited import cells
from aup_monitor.formats.dns.questions import question_name, question_type
from aup_monitor.formats.fields import address

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_NAMES: Final = (
    *("time", "identity", "identities", "inside", "outside", "verdict", "type", "code", "domain"),
    *("categories", "kind", "kinds", "blocked", "rule"),
)
_HEADER: Final = r'^"?Timestamp"?,'
_OUTCOMES: Final = {"Allowed": "allowed", "Blocked": "blocked"}
_DEVICE: Final = r"(?i)(?:computers?|clients?|devices?|chromebooks?)$"
_MAIL: Final = r"\(([^()\s,@]+@[^()\s,]+)\)"


_LOOKS: Final = (
    r'^"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d",(?: ?"(?:[^"]|"")*",){4} ?"[A-Z][a-z]+", ?"\d+ \([A-Z0-9]+\)",'
)


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:  # noqa: ARG001 - the log is in UTC
    """Turn lines into events; see the module's page."""
    moment = pl.col("time").str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False)
    return (
        lines.with_columns(pl.col("line").str.replace_all('", "', '","', literal=True))
        .pipe(cells, "line", _NAMES)
        .with_columns(_account().alias("account"))
        .select(
            "offset",
            moment.dt.replace_time_zone("UTC").cast(TIME).alias("timestamp"),
            pl.lit("dns").alias("log_class"),
            pl.col("verdict").alias("event_action"),
            _outcome(),
            pl.lit("Cisco").alias("observer_vendor"),
            pl.lit("Umbrella").alias("observer_product"),
            pl.coalesce(address("inside"), address("outside")).alias("source_ip"),
            _device(),
            split_account("account").struct.field("user_name", "user_domain"),
            pl.lit("dns").alias("network_protocol"),
            question_name("domain"),
            question_type(pl.col("type").str.extract(r"\(([^)]+)\)").fill_null(pl.col("type"))),
            pl.col("code").alias("dns_response_code"),
            pl.col("rule").alias("rule_name"),
            pl.coalesce(pl.when(pl.col("verdict") == "Blocked").then("blocked"), "categories").alias(
                "rule_category"
            ),
            _reject(),
            pl.col("line").str.contains(_HEADER).alias(SKIP),
        )
    )


def _account() -> pl.Expr:
    """Return the person: the policy identity if it is one, else an identity with an address."""
    person = pl.when(pl.col("kind").str.contains("(?i)user")).then("identity")
    return pl.coalesce(person.str.extract(_MAIL), person, pl.col("identities").str.extract(_MAIL))


def _device() -> pl.Expr:
    """Return the computer: the policy identity if it is one, else the last of the list if its type says so."""
    last = pl.col("identities").str.extract(r"([^,]+)$").str.strip_chars()
    return (
        pl.when(_of_device("kind"))
        .then("identity")
        .when(_of_device("kinds") & ~last.str.contains("(", literal=True))
        .then(last)
        .alias("host_name")
    )


def _of_device(kinds: str) -> pl.Expr:
    """Tell a type of computers; "Network Devices" are access points and the like."""
    return pl.col(kinds).str.contains(_DEVICE) & ~pl.col(kinds).str.contains("(?i)network devices?$")


def _outcome() -> pl.Expr:
    return (
        pl.col("verdict")
        .replace_strict(_OUTCOMES, default="unknown", return_dtype=pl.String)
        .fill_null("unknown")
        .alias("event_outcome")
    )


def _reject() -> pl.Expr:
    cut = pl.any_horizontal(pl.col("time", "verdict", "type", "code", "domain").is_null())
    return (
        pl.when(cut & ~pl.col("line").str.contains(_HEADER))
        .then(pl.lit("not the fields of Umbrella's DNS log"))
        .alias(REJECT)
    )


FORMAT: Final = Format(
    name="umbrella-dns",
    log_class="dns",
    title="Cisco Umbrella DNS log",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
)
