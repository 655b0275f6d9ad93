r"""
Barracuda Web Security Gateway (Web Filter): web traffic log over syslog.

    Jan 12 08:45:01 filter http_scan[3365]: 1768207501 1 10.20.4.31 172.16.0.9 - 10.20.4.31 http://casino.example/ 317
    BYF ALLOWED CLEAN  2 1 0 1 3 (-) 1 gambling 0 - 0 casino.example gambling [alice]  - - - 0         (one line)

Three parts: what was asked for; after `BYF` what the proxy did, and why; after that what the policy did, and by which rule.
Reference: https://campus.barracuda.com/doc/168742383 (Syslog and the Barracuda Web Security Gateway)

What it fills: time (seconds, UTC), client, account, address and its parts, media type, size, server, categories, referrer,
the filter's name. `event_action` is the word for what the policy did where it did something, else the proxy's.

The outcome: the proxy's BLOCKED is blocked. ALLOWED is the word of the virus scanner alone: a page that the policy denied
has it, too. So the policy's number decides: 1, denied, is blocked; 2, redirected (to a block page, or to a safer search), is
unknown; else it is allowed. DETECTED, traffic of spyware that was seen, is unknown.

Lacks: method, status, browser, bytes from the client; the name of the rule.
Caveats:
- The server of a page that the policy denied is the filter itself, so it is not taken.
- `rule_category` is the page's; of a virus or spyware it is `virus: NAME` or `spyware: NAME`.
- Of https without inspection the path is not seen and `/` is written; such a page gets a domain but no address.
- The log of the filter's own web pages (`web:`) is passed over.

Checked by hand on 5 published lines, 3 of them beside the verdict of a public parser, none of them in the tests; they show
the policy's numbers 0 and 1 only, the others are from documentation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.epochs import of_seconds
from aup_monitor.formats.fields import address, number
from aup_monitor.formats.pieces import cut, groups
from aup_monitor.formats.urls import split_url
from aup_monitor.formats.web._given import given, verdict

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_ASKED: Final = ("time", "_one", "client", "server", "mime", "_client", "url", "size", "_more")
_POLICY: Final = (
    *("_version", "matched", "_timed", "did", "_who_type", "_who", "_what_type", "_what", "_spy_type"),
    *("spyware", "_score", "_part", "category", "rest"),
)
_POLICY_BEGINS: Final = r"^.*?(\d+ [01] [01] \d+ \d+ )"
"""Where the policy's part begins after the name of a threat."""
_REST: Final = r"^(?:\[(?<user>[^\]]*)\]|(?<bare_user>\S+))(?:\s+(?<referrer>\S+))?"
_MACHINE: Final = r"^(?:<\d{1,3}>)?[A-Z][a-z]{2} [ \d]\d [\d:]{8} (\S+) "
_OTHER: Final = (
    r"^(?:<\d{1,3}>)?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S+ (?:web|\S+_scan|\S+scan)(?:\[\d+\])?: "
)
_DID: Final = {
    "1": "DENIED",
    "2": "REDIRECTED",
    "3": "REWRITTEN",
    "4": "REWRITTEN",
    "5": "MONITORED",
}
"""The policy's numbers for what it did; 0 is that it allowed."""


_LOOKS: Final = r"\d{9,10} \d+ \S+ \S+ \S+ \S+ \S+ \d+ BYF (?:ALLOWED|BLOCKED|DETECTED) [A-Z]+ "


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:  # noqa: ARG001 - a log in UTC needs none
    """Turn lines into events; see the module's page."""
    return (
        lines.pipe(cut, "line", " BYF ", ["asked", "decided"])
        .with_columns(
            pl.col("asked").str.replace(r"^.*?: ", ""), pl.col("asked").str.extract(_MACHINE).alias("machine")
        )
        .pipe(cut, "asked", " ", _ASKED)
        .pipe(cut, "decided", " ", ["action", "reason", "policy"])
        .with_columns(_threat().alias("threat"), _policy().alias("policy"))
        .pipe(cut, "policy", " ", _POLICY)
        .pipe(groups, "rest", _REST)
        .with_columns(given(name) for name in ("mime", "url", "referrer", "spyware", "category"))
        .with_columns(pl.coalesce("user", "bare_user").replace(["ANON", "-"], None).alias("account"))
        .pipe(split_url, "url")
        .select(_columns())
    )


def _threat() -> pl.Expr:
    """Return what the scanner found: `stream=>NAME FOUND`."""
    found = (
        pl.when(pl.col("reason") != "CLEAN").then("policy").str.extract(r"^ *(.*?) *\d+ [01] [01] \d+ \d+ ")
    )
    return found.str.strip_prefix("stream=>").str.strip_suffix(" FOUND")


def _policy() -> pl.Expr:
    """Return the policy's part, in which a group in brackets, that may hold blanks, stands for itself as one word."""
    policy = pl.col("policy").str.strip_chars_start(" ")
    clean = (
        pl.when(pl.col("reason") != "CLEAN").then(policy.str.replace(_POLICY_BEGINS, "$1")).otherwise(policy)
    )
    return clean.str.replace(r"^((?:\d+ ){5})\([^)]*\)", "$1()")


def _columns() -> list[pl.Expr]:
    bare = (pl.col("url_path").fill_null("/") == "/") & pl.col("url_query").is_null()
    unseen = (pl.col("url_scheme") == "https") & bare
    whole = pl.col("url_scheme").is_not_null() & ~unseen
    return [
        pl.col("offset", "url_scheme", "url_domain", "url_query", "destination_port"),
        of_seconds(pl.col("time")).alias("timestamp"),
        pl.lit("Barracuda").alias("observer_vendor"),
        pl.lit("Web Security Gateway").alias("observer_product"),
        pl.col("machine").alias("observer_name"),
        _action().alias("event_action"),
        _outcome(),
        address("client").alias("source_ip"),
        split_account("account").struct.field("user_name", "user_domain"),
        pl.when(pl.col("did") != "1").then(address("server")).alias("destination_ip"),
        pl.when(whole).then("url").alias("url_full"),
        pl.when(whole).then("url_path").alias("url_path"),
        pl.col("mime").alias("http_response_mime_type"),
        pl.col("referrer").alias("http_request_referrer"),
        number("size").alias("destination_bytes"),
        _category().alias("rule_category"),
        *_reject(),
    ]


def _action() -> pl.Expr:
    policy = pl.col("did").replace_strict(_DID, default=None, return_dtype=pl.String)
    return pl.when(pl.col("action") == "ALLOWED").then(pl.coalesce(policy, "action")).otherwise("action")


def _outcome() -> pl.Expr:
    action, did = pl.col("action"), pl.col("did")
    denied = (action == "BLOCKED") | ((action == "ALLOWED") & (did == "1"))
    return verdict(denied, (action == "ALLOWED") & ~did.is_in(["1", "2"]))


def _category() -> pl.Expr:
    kind = pl.col("reason").str.to_lowercase()
    return pl.coalesce(kind + ": " + pl.col("threat"), "spyware: " + pl.col("spyware"), "category")


def _reject() -> list[pl.Expr]:
    numbers = pl.any_horizontal(number(name).is_null() for name in ("size", "matched", "did", "_score"))
    wrong = numbers | pl.col("reason").is_null() | pl.col("rest").is_null()
    other = wrong & pl.col("line").str.contains(_OTHER) & pl.col("decided").is_null()
    reason = pl.lit("not the fields of the filter's web traffic log")
    return [pl.when(wrong & ~other).then(reason).alias(REJECT), other.alias(SKIP)]


FORMAT: Final = Format(
    name="barracuda-web",
    log_class="web",
    title="Barracuda Web Security Gateway log",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
)
