r"""
Cisco Secure Web Appliance (Web Security Appliance, IronPort): the access log `accesslogs`.

    1768207501.104 85 10.20.4.31 TCP_DENIED/403 0 GET http://casino.example/ "ELMPARK\alice@Pupils" NONE/- -
    BLOCK_WEBCAT_12-Year_9-Pupils-NONE-NONE-NONE-DefaultGroup-NONE <"IW_gamb",-2.1,-,"-",...> -          (one line)

Squid's fields, then a decision tag, and in angle brackets what the appliance's scanners said. Fields that were added to the
log at its end are passed over. With or without a syslog envelope.
Reference: https://www.cisco.com/c/en/us/support/docs/security/secure-web-appliance/225832-understand-secure-web-appliance.html
and the chapter "Monitor System Activity Through Logs" of the AsyncOS user guide.

What it fills: time (milliseconds, UTC), how long it took, client, account, the decision (`event_action`), policy (the first
group of the tag, `rule_name`), category, application, address and its parts, method, status, media type, bytes sent to the
client, server's address where the appliance connected to one by number.

The outcome: BLOCK and DROP are blocked, also BLOCK_CONTINUE, a page with a warning: to click through makes another event.
ALLOW, MONITOR, PASSTHRU and DEFAULT_CASE are allowed. The rest is unknown: DECRYPT, which opens a tunnel whose own requests
follow, REDIRECT, a request to log on (407), and what failed with result NONE.

Lacks: bytes from the client, browser and referrer, unless they were added, when they are not read.
Caveats:
- Categories are Cisco's abbreviations: `IW_gamb` is Gambling, `C_...` one of the school's own, `nc` not categorised.
- Of a connection redirected to the appliance (TCP_CONNECT) the address is a number; the host is then the name of the server
  as the appliance knew it.
- A policy's name that holds a hyphen is cut at it.
- An account is `DOMAIN\name@realm`, where the realm is one of the appliance's own; it counts only where there is no domain.
- The appliance's W3C log is another format.

Checked by hand on 5 published lines, 3 of them beside an independent parse; none is in the tests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.core.hosts import clean_host
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.epochs import of_seconds
from aup_monitor.formats.fields import address, number
from aup_monitor.formats.pieces import groups
from aup_monitor.formats.urls import split_url
from aup_monitor.formats.web._given import given, machine_name, verdict

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_LINE: Final = (
    r"(?:^|: )(?<time>\d{9,10}\.\d{3}) +(?<elapsed>\d+) (?<client>\S+) (?:\([^)]*\) )?"
    r"(?<result>[A-Z_]+)/(?<status>\d{3}) (?<bytes>-?\d+) (?<method>\S+) (?<url>\S+) "
    r'(?<user>"[^"]*"|\S+) (?<hierarchy>[A-Z_]+)/(?<server>\S+) (?<mime>\S+) '
    r"(?<tag>[A-Z][A-Z_]*?)(?:_\d+)?-(?<policy>[^- <]*)[^ <]* <(?<verdicts>.*)>"
)
_APPLICATION: Final = r'"([^"]*)","[^"]*","[^"]*","[^"]*",\d+\.\d+,[01],'
"""Application, its type, behaviour, safe search, then the bandwidth, by whose point the place is known."""
_HOST: Final = r"^(?:[A-Za-z]+://|[\w.-]+(?:[:/]|$)|\[[0-9A-Fa-f:.]+\])"
_PREAMBLE: Final = r"^#|\bInfo: (?:Begin Logfile|End Logfile|Version: |Time offset |Log|Customi[sz]e)"
_BLOCKED: Final = r"^(?:BLOCK|DROP)"
_ALLOWED: Final = r"^(?:ALLOW|MONITOR|PASSTHRU|DEFAULT_CASE)"
_TUNNEL: Final = ("CONNECT", "TCP_CONNECT")


_LOOKS: Final = (
    r"(?:^|: )\d{9,10}\.\d{3} +\d+ \S+ (?:\([^)]*\) )?[A-Z_]+/\d{3} -?\d+ \S+ \S+ "
    r'(?:"[^"]*"|\S+) [A-Z_]+/\S+ \S+ [A-Z][A-Z_]*(?:_\d+)?-[^ <]+ <'
)


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:  # noqa: ARG001 - a log in UTC needs none
    """Turn lines into events; see the module's page."""
    tunnel = pl.col("method").is_in(_TUNNEL).fill_null(value=False)
    seen = pl.when(tunnel).then(_tunnelled()).otherwise("url")
    return (
        groups(lines, "line", _LINE)
        .with_columns(
            tunnel.alias("tunnel"),
            pl.when(pl.col("url").str.contains(_HOST) & ~pl.col("url").str.starts_with("error:"))
            .then(seen)
            .alias("address"),
            _account().alias("account"),
        )
        .pipe(split_url, "address")
        .select(_columns())
    )


def _tunnelled() -> pl.Expr:
    """Return host and port of a tunnel: `tunnel://www.example.org:443/`."""
    return pl.col("url").str.strip_prefix("tunnel://").str.strip_suffix("/")


def _account() -> pl.Expr:
    """Return the account; without its realm where it has a domain, and null where the appliance let a guest in."""
    user = pl.col("user").str.strip_chars('"')
    known = pl.when(~user.str.starts_with("(unauthenticated)")).then(user)
    return (
        pl.when(known.str.contains("\\", literal=True))
        .then(known.str.replace(r"@[^@]*$", ""))
        .otherwise(known)
    )


def _columns() -> list[pl.Expr]:
    whole = ~pl.col("tunnel") & pl.col("address").str.contains("://", literal=True)
    status = pl.col("status").cast(pl.Int32, strict=False)
    return [
        pl.col("offset", "url_scheme", "url_path", "url_query", "destination_port"),
        of_seconds(pl.col("time")).alias("timestamp"),
        pl.lit("Cisco").alias("observer_vendor"),
        pl.lit("Secure Web Appliance").alias("observer_product"),
        pl.col("tag").alias("event_action"),
        _outcome(),
        (number("elapsed") * 1_000_000).alias("event_duration"),
        address("client").alias("source_ip"),
        machine_name("client").alias("host_name"),
        split_account("account").struct.field("user_name", "user_domain"),
        pl.coalesce(address("url_domain"), address("server")).alias("destination_ip"),
        pl.when(whole).then("address").alias("url_full"),
        _domain(),
        pl.col("method").alias("http_request_method"),
        pl.when(status > 0).then(status).alias("http_response_status_code"),
        given("mime").alias("http_response_mime_type"),
        number("bytes").alias("destination_bytes"),
        *_verdicts(),
        _reject(),
        pl.col("line").str.contains(_PREAMBLE).alias(SKIP),
    ]


def _domain() -> pl.Expr:
    """Return the host; where the address is a number, the name that the appliance connected to, if it had one."""
    named = pl.when(address("server").is_null()).then(clean_host("server"))
    return (
        pl.when(address("url_domain").is_not_null())
        .then(pl.coalesce(named, "url_domain"))
        .otherwise("url_domain")
        .alias("url_domain")
    )


def _outcome() -> pl.Expr:
    tag = pl.col("tag")
    asked_who, failed = pl.col("status").is_in(["401", "407"]), pl.col("result") == "NONE"
    denied = tag.str.contains(_BLOCKED) | pl.col("result").str.contains("DENIED", literal=True)
    return verdict(denied & ~asked_who, tag.str.contains(_ALLOWED) & ~asked_who & ~failed)


def _verdicts() -> list[pl.Expr]:
    category = pl.col("verdicts").str.extract(r'^"?([^",]*)')
    application = pl.col("verdicts").str.extract(_APPLICATION)
    return [
        pl.when(~category.is_in(["-", "", "err"])).then(category).alias("rule_category"),
        pl.when(~application.is_in(["-", "", "Unknown"])).then(application).alias("network_application"),
        pl.when(~pl.col("policy").is_in(["NONE", ""])).then("policy").alias("rule_name"),
    ]


def _reject() -> pl.Expr:
    wrong = pl.col("time").is_null() & ~pl.col("line").str.contains(_PREAMBLE)
    return pl.when(wrong).then(pl.lit("not the fields of the appliance's access log")).alias(REJECT)


FORMAT: Final = Format(
    name="cisco-wsa",
    log_class="web",
    title="Cisco Secure Web Appliance access log",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
)
