r"""
Skyhigh Secure Web Gateway (McAfee Web Gateway), on-premise: `access.log` of the default log handler.

    #time_stamp "auth_user" src_ip status_code "req_line" "categories" "rep_level" "media_type" bytes_to_client ...
    [12/Jan/2026:08:45:01 +0000] "ELMPARK\alice" 10.20.4.31 403 "GET http://casino.example/ HTTP/1.1" "Gambling"
    "Minimal Risk" "text/html" 3187 "Mozilla/5.0 (X11)" "" "10"                                       (one line)

The line that begins with `#time_stamp` names the fields of those after it, in any order, quoted there as they are in the
lines; without it (over syslog it is not sent) the default fields are read: those above, then "user_agent" "virus_name"
"block_res".
Reference: https://success.skyhighsecurity.com/Skyhigh_Secure_Web_Gateway_(On_Prem) (Log Files, Access Log)

What it fills: time, account, client, method, address and its parts, status, media type, bytes, browser, categories (of a
virus its name), the number of the reason for a block (`event_code`); where the header names them, too, `bytes_from_client`,
`referer`, `application_name`, `dst_ip` and `rule_name`.

The outcome: `block_res` 0 is allowed, another number blocked, but a request to log on (401, 407) is unknown, and so is a
line without the number.

Lacks: how long it took; the rule's name, unless the log was set up to have it.
Caveats:
- CONNECT, and CERTVERIFY, the look at a certificate before an inspection, show host and port only.
- A line with more or fewer fields than the header names is a reject, so that a browser's name cannot pass for other fields.
- The gateway's CEF, and the logs of Skyhigh's cloud service, are other formats.

Checked by hand on 3 published lines, all tunnels, none of them in the tests; the rest is from documentation.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format, share_of_lines
from aup_monitor.core.schema import TIME
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.fields import address, number
from aup_monitor.formats.pieces import groups
from aup_monitor.formats.urls import split_url
from aup_monitor.formats.web._given import given, machine_name, verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aup_monitor.core.format import Context

_HEADER: Final = "#time_stamp"
_DEFAULT: Final = (
    '#time_stamp "auth_user" src_ip status_code "req_line" "categories" "rep_level" "media_type" '
    'bytes_to_client "user_agent" "virus_name" "block_res"'
)
_MOST_FIELDS: Final = 60
"""A header that names more is none."""
_THINGS: Final[dict[str, tuple[str, ...]]] = {
    "time": ("time_stamp",),
    "user": ("auth_user",),
    "client": ("src_ip",),
    "status": ("status_code",),
    "request": ("req_line",),
    "category": ("categories",),
    "mime": ("media_type",),
    "sent": ("bytes_to_client",),
    "received": ("bytes_from_client",),
    "agent": ("user_agent",),
    "virus": ("virus_name",),
    "reason": ("block_res",),
    "referrer": ("referer", "referrer"),
    "server": ("dst_ip", "server_ip"),
    "application": ("application_name", "application"),
    "rule": ("rule_name", "rule"),
}
_FREE: Final = ("req_line", "user_agent", "referer", "referrer")
"""Fields that others than the gateway write, and that may hold a quote."""
_TUNNEL: Final = ("CONNECT", "CERTVERIFY")


_LOOKS: Final = (
    r'^#time_stamp .*req_line|\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "[^"]*" '
    r'[0-9A-Fa-f:.]+ \d{3} "[A-Z]+ [^"]* HTTP/[\d.]+" "'
)


def sniff(head: bytes) -> float:
    """Return 1 where a header names the fields, else the share of lines with the default ones."""
    named = any(line.startswith(_HEADER.encode()) and b"req_line" in line for line in head.splitlines())
    return 1.0 if named else share_of_lines(head, _LOOKS)


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    names = _names(context.header) or _names(_DEFAULT)
    request = r"^(?<method>\S+) (?<target>.+?)(?: HTTP/[\d.]+)?$"
    return (
        groups(lines, "line", _pattern(names))
        .with_columns(
            *(pl.lit(None, pl.String).alias(thing) for thing, at in _places(names).items() if at is None)
        )
        .with_columns(given(thing) for thing in _THINGS)
        .pipe(groups, "request", request)
        .with_columns(pl.col("method").is_in(_TUNNEL).fill_null(value=False).alias("tunnel"))
        .with_columns(_address().alias("address"))
        .pipe(split_url, "address")
        .select(_columns())
    )


def _names(header: str | None) -> list[str]:
    """Return the fields that a header names, quoted ones with their quotes; none where it is no header."""
    if header is None or not header.startswith(_HEADER):
        return []
    names = re.findall(r'"[^"]*"|\S+', header[1:])
    return names if len(names) <= _MOST_FIELDS else []


def _places(names: Sequence[str]) -> dict[str, int | None]:
    """Return where each thing stands in the line, if it does."""
    bare = [name.strip('"').lower() for name in names]
    return {
        thing: next((bare.index(name) for name in theirs if name in bare), None)
        for thing, theirs in _THINGS.items()
    }


def _pattern(names: Sequence[str]) -> str:
    """Return the regular expression of a whole line, in which each thing is a group."""
    things = {at: thing for thing, at in _places(names).items() if at is not None}
    fields = (_field(name, f"?<{things[at]}>" if at in things else "?:") for at, name in enumerate(names))
    return rf"(?:^|: ){' '.join(fields)}\s*$"


def _field(name: str, group: str) -> str:
    """Return the pattern of one field: quoted as its name is, the time in brackets, else a word."""
    if name.startswith('"'):
        inside = ".*?" if name.strip('"') in _FREE else '[^"]*'
        return f'"({group}{inside})"'
    return rf"\[({group}[^\]]*)\]" if name == "time_stamp" else rf"({group}\S+)"


def _address() -> pl.Expr:
    """Return the address; of a tunnel host and port."""
    target = pl.col("target")
    bare = target.str.replace("^[a-z]+://", "").str.strip_suffix("/")
    return pl.when("tunnel").then(bare).otherwise(target)


def _columns() -> list[pl.Expr]:
    whole = ~pl.col("tunnel") & pl.col("address").str.contains("://", literal=True)
    moment = pl.col("time").str.to_datetime("%d/%b/%Y:%H:%M:%S %z", time_unit="us", strict=False)
    status = pl.col("status").cast(pl.Int32, strict=False)
    virus = pl.when(pl.col("virus") != "").then("virus: " + pl.col("virus"))
    return [
        pl.col("offset", "url_scheme", "url_domain", "url_path", "url_query", "destination_port"),
        moment.dt.convert_time_zone("UTC").cast(TIME).alias("timestamp"),
        pl.lit("Skyhigh Security").alias("observer_vendor"),
        pl.lit("Secure Web Gateway").alias("observer_product"),
        pl.col("reason").alias("event_code"),
        _outcome(),
        address("client").alias("source_ip"),
        machine_name("client").alias("host_name"),
        split_account("user").struct.field("user_name", "user_domain"),
        address("server").alias("destination_ip"),
        pl.when(whole).then("address").alias("url_full"),
        pl.col("method").alias("http_request_method"),
        pl.when(status > 0).then(status).alias("http_response_status_code"),
        pl.col("mime").alias("http_response_mime_type"),
        pl.col("referrer").alias("http_request_referrer"),
        pl.col("agent").alias("user_agent_original"),
        number("received").alias("source_bytes"),
        number("sent").alias("destination_bytes"),
        pl.coalesce(virus, "category").alias("rule_category"),
        pl.col("rule").alias("rule_name"),
        pl.col("application").alias("network_application"),
        _reject(),
        pl.col("line").str.starts_with("#").alias(SKIP),
    ]


def _outcome() -> pl.Expr:
    reason = pl.col("reason")
    asked_who = pl.col("status").is_in(["401", "407"]).fill_null(value=False)
    return verdict(reason.str.contains("^[1-9][0-9]*$") & ~asked_who, (reason == "0") & ~asked_who)


def _reject() -> pl.Expr:
    wrong = (pl.col("time").is_null() | pl.col("method").is_null()) & ~pl.col("line").str.starts_with("#")
    return pl.when(wrong).then(pl.lit("not the fields that the log's header names")).alias(REJECT)


FORMAT: Final = Format(
    name="skyhigh",
    log_class="web",
    title="Skyhigh (McAfee) Web Gateway access log",
    looks=_LOOKS,
    sniff=sniff,
    doc=__doc__,
    parse=parse,
    header=_HEADER.encode(),
)
