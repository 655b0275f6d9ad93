r"""
LEEF 1.0 and 2.0, QRadar's Log Event Extended Format, of any product.

    <13>Jan 14 10:14:09 filter LEEF:2.0|Example|Web Filter|7.2|Blocked|^|devTime=Jan 14 2026 10:14:09^src=10.20.4.31^
    usrName=amina.k^url=https://casino.example/spin^action=blocked^cat=Gambling^policy=Pupils        (one line)

LEEF 1.0 parts its attributes with tabs; 2.0 names the mark in its header, as a character or as a number (`x09`, `0x5E`). A tab
that a syslog server wrote as `#011`, `<009>` or `\0x09` is a tab, too; attributes that came to be parted with blanks are
read as far as that can be.
References: https://www.ibm.com/docs/en/dsm?topic=leef-overview and
https://www.ibm.com/docs/en/dsm?topic=overview-predefined-leef-event-attributes

Class: by what a line holds, as of CEF: a DNS question is `dns`, a page or site `web`, a device or software `endpoint`, a log-on
(`isLoginEvent`, `isLogoutEvent`) or a person without a server `auth`, all else with an address `firewall`. Lines with neither a
person, an address nor a thing are passed over.
Time: `devTime`, read by itself or, where that is not plain, by `devTimeFormat`; else the envelope's. What has no zone is local.
Outcome: the first of `action` (`act`), `result` (`status`, `outcome`), and the event's identifier (with `cat`, where that is Failed or
Success) in which a word says it.
Fills: vendor, product, machine, both ends with ports and MAC, account (`usrName`, else `accountName`), `domain`, group, host name
(`identHostName`, `srcHostName`), page, method, status, browser, referrer, bytes, protocol, application, category, rule or policy,
file and hash, DNS question.

Caveats: only the predefined attributes and the names that many products give to others are known.
A product whose LEEF has a format of its own is read by that: this one gives itself nine tenths of the certainty.

From documentation, no real line seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, Format, share_of_lines
from aup_monitor.core.schema import EVENT_SCHEMA
from aup_monitor.formats.carrier._attributes import MARK, attributes, sent
from aup_monitor.formats.carrier._events import KIND, events
from aup_monitor.formats.carrier._times import moment
from aup_monitor.formats.pieces import cut

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_SHARE: Final = 0.9
"""What this format is worth beside one that knows the product."""
_HEADER: Final = ("_version", "vendor", "product", "_release", "event", "extension")
_ESCAPED_TAB: Final = r"#011|<009>|\\0x09"
_MARK_OF_2: Final = r"^(?:(?:0?[xX])([0-9A-Fa-f]{2,4})|(\t|[^\w\s=|]))?\|"
_BLANK_KEY: Final = r"(?:^|[ \t]+)([A-Za-z_][\w.-]*=)"
_KEYS: Final = {
    "devTime": "devTime|deviceTime|eventTime",
    "devTimeFormat": "devTimeFormat",
    "source_ip": "src|srcIP|identSrc|clientIP",
    "source_port": "srcPort|spt",
    "source_mac": "srcMAC|identMAC|smac",
    "host_name": "identHostName|srcHostName|identNetBios|hostName|shost|computerName|endpointName",
    "user_name": "usrName|userName|user|suser",
    "account": "accountName|duser",
    "user_domain": "domain|userDomain",
    "user_group": "identGrpName|groupName|usrGroup|role|realm",
    "destination_ip": "dst|dstIP|serverIP",
    "destination_port": "dstPort|dpt",
    "network_transport": "proto|protocol",
    "network_application": "application|app|appName|service",
    "page": "url|request|requestUrl|URI|resource",
    "site": "dstHostName|dhost|host|destinationHostName",
    "http_request_method": "method|requestMethod|httpMethod",
    "http_response_status_code": "httpStatus|responseCode|statusCode|httpResponse",
    "http_response_mime_type": "contentType|mimeType",
    "http_request_referrer": "referer|referrer|requestContext",
    "user_agent_original": "userAgent|useragent|requestClientApplication",
    "source_bytes": "srcBytes|bytesOut|sentBytes|bytesSent",
    "destination_bytes": "dstBytes|bytesIn|rcvdBytes|bytesReceived",
    "dns_question_name": "query|dnsQuery|qname|queryName",
    "dns_question_type": "queryType|qtype",
    "rule_category": "urlCategory|urlcat|category",
    "cat": "cat",
    "rule_name": "policy|policyName|rule|ruleName",
    "threat": "threatName|virusName|malwareName|signature",
    "device_serial": "serialNumber|deviceSerial|deviceSerialNumber",
    "device_name": "deviceName|deviceModel",
    "device_class": "deviceClass|deviceType",
    "process_executable": "processPath|processName|process",
    "file_name": "fileName|fname|file",
    "file_hash": "fileHash|sha256|sha1|md5",
    "verdict": "action|act|devAction|disposition",
    "result": "result|outcome|status|eventOutcome",
    "machine": "devHostName|dvchost|deviceHostName",
    "login": "isLoginEvent",
    "logout": "isLogoutEvent",
}
"""Column -> keys, the first that a line has in the line's own order."""

_AS_GIVEN: Final = sorted({*_KEYS} & {*EVENT_SCHEMA} - {"user_name", "rule_category"})
_CHARACTERS: Final = {f"{number:02x}": chr(number) for number in range(1, 256)}

_LOOKS: Final = r"^[^{|]*LEEF: ?[12](?:\.\d)?\|[^|]*\|[^|]*\|[^|]*\|[^|]*\|"


def sniff(head: bytes) -> float:
    """Return the share of lines that are LEEF, less a tenth."""
    return _SHARE * share_of_lines(head, _LOOKS)


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    known = (
        lines.select("offset", pl.col("line").str.replace_all(MARK, " ", literal=True).alias("_text"))
        .pipe(cut, "_text", "LEEF:", ["_envelope", "_leef"])
        .with_columns(pl.col("_leef").str.strip_chars_start())
        .pipe(cut, "_leef", "|", _HEADER)
        .pipe(_marked)
        .pipe(attributes, "extension", _KEYS)
        .pipe(sent, "_envelope", context)
    )
    written = moment("devTime", context, pattern="devTimeFormat")
    return (
        known.with_columns(pl.coalesce(written, "timestamp").alias("timestamp")).select(_said()).pipe(events)
    )


def _marked(lines: pl.LazyFrame) -> pl.LazyFrame:
    """Put the mark before each attribute: at the tab or what LEEF 2.0 names in its stead, else at a blank before a key."""
    text, named = pl.col("extension"), pl.col("_named").str.extract_groups(_MARK_OF_2).struct
    other = pl.when(pl.col("_mark").is_not_null()).then(text).str.split(pl.col("_mark")).list.join(MARK)
    tabbed = text.str.replace_all(_ESCAPED_TAB, "\t").str.replace_all("\t", MARK, literal=True)
    return (
        lines.with_columns(pl.when(pl.col("_version").str.starts_with("2")).then(text).alias("_named"))
        .with_columns(
            pl.coalesce(pl.col("_named").str.replace(_MARK_OF_2, ""), text).alias("extension"),
            pl.coalesce(_character(named["1"]), named["2"]).replace("\t", None).alias("_mark"),
        )
        .with_columns(pl.coalesce(other, tabbed).alias("extension"))
        .with_columns(
            pl.when(text.str.contains(MARK, literal=True))
            .then(MARK + text)
            .otherwise(text.str.replace_all(_BLANK_KEY, f"{MARK}$1"))
            .alias("extension")
        )
    )


def _character(code: pl.Expr) -> pl.Expr:
    """Return the character of a number of two or four hexadecimal digits."""
    return (
        code.str.tail(2).str.to_lowercase().replace_strict(_CHARACTERS, default=None, return_dtype=pl.String)
    )


def _said() -> list[pl.Expr]:
    """Return what each column is read from."""
    host = pl.when(pl.col("site").str.contains(r"[a-zA-Z][^.]*\.[^.]*[a-zA-Z]")).then("site")
    done = pl.when(pl.col("cat").str.contains("(?i)^(?:fail|success)")).then("cat")
    logged = pl.when(pl.any_horizontal(pl.col("login", "logout").str.to_lowercase() == "true")).then(
        pl.lit("log-on")
    )
    return [
        pl.col("offset", "timestamp", "verdict", "result", "page", *_AS_GIVEN),
        _reject(),
        pl.col("vendor").alias("observer_vendor"),
        pl.col("product").alias("observer_product"),
        pl.coalesce("machine", "observer_name").alias("observer_name"),
        pl.col("event").alias("event_code"),
        pl.coalesce("verdict", "event").alias("event_action"),
        pl.concat_str("event", done, separator=" ", ignore_nulls=True).alias("event_name"),
        pl.concat_str(logged, "event", "cat", "product", separator=" ", ignore_nulls=True).alias(KIND),
        pl.coalesce("user_name", "account").alias("user_name"),
        pl.coalesce("rule_category", pl.lit("threat: ") + pl.col("threat"), "cat").alias("rule_category"),
        host.alias("url_domain"),
    ]


def _reject() -> pl.Expr:
    return (
        pl.when(pl.col("extension").is_null())
        .then(pl.lit("no LEEF header: LEEF: and five more pieces between bars"))
        .when(pl.col("timestamp").is_null())
        .then(pl.lit("no time: neither devTime= nor the envelope's is understood"))
        .alias(REJECT)
    )


FORMAT: Final = Format(
    name="leef",
    log_class="firewall",
    title="LEEF, any product",
    looks=_LOOKS,
    sniff=sniff,
    doc=__doc__,
    parse=parse,
)
