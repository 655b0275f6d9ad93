r"""
Microsoft Defender XDR: events of computers, mail and links, as the streaming API writes them, one JSON object a line.

    {"time":"2026-01-14T10:16:00.1234567Z","tenantId":"0d1e...","operationName":"Publish","category":"AdvancedHunting-DeviceEvents",
     "properties":{"Timestamp":"2026-01-14T10:14:09.1234567Z","DeviceName":"lap-0417","ActionType":"UsbDriveMounted",
     "InitiatingProcessAccountName":"a.khan","AdditionalFields":"{\"ProductName\":\"Pocket Disk\",\"SerialNumber\":\"0417\"}",...}}    (one line)

Rows of advanced hunting by themselves, without `category` and `properties`, are read, too; lists of either are to be made lines
(`jq -c '.records[]'`, `jq -c '.Results[]'`).
References: https://learn.microsoft.com/defender-xdr/streaming-api and, for the columns of each table,
https://learn.microsoft.com/defender-xdr/advanced-hunting-schema-tables

Tables read: DeviceEvents, DeviceNetworkEvents, DeviceFileEvents, DeviceProcessEvents, DeviceLogonEvents, IdentityLogonEvents, AlertInfo,
AlertEvidence, EmailEvents, UrlClickEvents, CloudAppEvents. All others (modules loaded, the registry, inventories) are skipped.

Class: log-ons are `auth`, mail is `mail`, cloud apps are `cloud`, a look-up that was seen is `dns`, what names a page or host is `web`,
all else `endpoint`.

What it fills: time, computer, account, what happened (`event_action`), table (`event_code`), both ends of a connection, page or host, name
asked for, program and its command line, file (name, hash), removable storage (class, maker, product, serial, name), of mail the
sender, recipient, subject and direction, of alerts the title (`rule_name`) and category (`rule_category`).

Outcome: what was blocked, failed, denied or quarantined is blocked; what succeeded or was allowed is allowed; else unknown.

Lacks: bytes, methods of most requests. Caveats:
- Windows' own accounts (SYSTEM and the like) are nobody.
- Defender samples: it writes some of equal events, not all. Alerts come twice, as AlertInfo and as AlertEvidence for each thing
  that is involved.

From documentation and published examples; no log of a school seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.core.hosts import clean_host
from aup_monitor.core.schema import TIME
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.dns.questions import question_name, question_type
from aup_monitor.formats.fields import address, port, transport
from aup_monitor.formats.json_paths import json_paths
from aup_monitor.formats.json_values import json_texts
from aup_monitor.formats.urls import split_url

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_COLUMNS: Final = {
    "time": "Timestamp",
    "device": "DeviceName",
    "action": "ActionType|DeliveryAction",
    "upn": "AccountUpn|InitiatingProcessAccountUpn",
    "name": "AccountName|InitiatingProcessAccountName|AccountDisplayName",
    "domain": "AccountDomain|InitiatingProcessAccountDomain",
    "remote": "RemoteUrl|Url|FileOriginUrl",
    "remote_ip": "RemoteIP",
    "remote_port": "RemotePort",
    "local_ip": "LocalIP|IPAddress|SenderIPv4|SenderIPv6",
    "local_port": "LocalPort",
    "protocol": "Protocol",
    "file": "FileName|ObjectName",
    "hash": "SHA256|SHA1|MD5",
    "path": "FolderPath",
    "command": "ProcessCommandLine",
    "program": "InitiatingProcessFolderPath",
    "program_command": "InitiatingProcessCommandLine",
    "more": "AdditionalFields",
    "title": "Title",
    "category": "Category",
    "application": "Application",
    "agent": "UserAgent",
    "sender": "SenderFromAddress",
    "recipient": "RecipientEmailAddress",
    "subject": "Subject",
    "direction": "EmailDirection",
}
_PATHS: Final = {
    "table": "category",
    "operation": "operationName",
    "list": "records|Results",
    **{
        name: "|".join(f"properties.{one}" for one in theirs.split("|")) + f"|{theirs}"
        for name, theirs in _COLUMNS.items()
    },
}
_MORE: Final = {
    "disk": "ProductName|MediaName|DeviceDescription",
    "serial": "SerialNumber|MediaSerialNumber",
    "maker": "MediaVendorId",
    "product": "MediaProductId",
    "class": "ClassName|MediaClassName",
    "verdict": "RemovableStoragePolicyVerdict|Verdict",
    "policy": "RemovableStoragePolicy|SignatureName",
    "asked": "query",
    "asked_type": "qtype_name",
    "answer_code": "rcode_name",
    "server_name": "server_name",
    "host": "host",
    "method": "method",
    "status": "status_code",
    "http_agent": "user_agent",
}
"""Of the text AdditionalFields, which holds JSON of its own."""
_READ: Final = (
    *("DeviceEvents", "DeviceNetworkEvents", "DeviceFileEvents", "DeviceProcessEvents", "DeviceLogonEvents"),
    *("IdentityLogonEvents", "AlertInfo", "AlertEvidence", "EmailEvents", "UrlClickEvents", "CloudAppEvents"),
)
_NOBODY: Final = (
    r"(?i)^(?:(?:nt authority|font driver host|window manager|autorite nt)\\.*|.*\\(?:system|local service|network service)|"
    r"system|local service|network service|.*\$)$"
)
_DIRECTIONS: Final = {"inbound": "inbound", "outbound": "outbound", "intra-org": "internal"}
_LOOKS: Final = (
    r'"category" *: *"AdvancedHunting-[A-Za-z]+"|'
    r'^\s*\{"Timestamp" *: *"[^"]+".*"(?:DeviceId|ReportId|NetworkMessageId)" *: *"?'
)


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:  # noqa: ARG001 - Microsoft writes UTC
    """Turn lines into events; see the module's page."""
    return (
        json_paths(lines, "line", _PATHS)
        .with_columns(pl.col("table").str.strip_prefix("AdvancedHunting-"))
        .with_columns(_more().alias("more"))
        .pipe(json_texts, "more", _MORE)
        .with_columns(_account().alias("account"))
        .pipe(split_url, "remote")
        .with_columns(
            pl.coalesce("url_domain", clean_host("server_name"), clean_host("host")).alias("url_domain")
        )
        .select(*_what(), *_who(), *_content(), *_things(), *_verdict())
    )


def _more() -> pl.Expr:
    """Return what more there is as JSON: an object, or a text that holds one, which `json_paths` gives as if it were an object."""
    text = pl.col("line").str.contains('"AdditionalFields" *: *"')
    return pl.when(text).then(pl.col("more").str.replace_all(r"\\", "\\", literal=True)).otherwise("more")


def _account() -> pl.Expr:
    r"""Return the person: a principal name, else `domain\name`; Windows' own accounts are nobody."""
    named = (
        pl.when(pl.col("domain").is_not_null())
        .then(pl.col("domain") + "\\" + pl.col("name"))
        .otherwise("name")
    )
    return pl.coalesce("upn", pl.when(~named.str.contains(_NOBODY)).then(named))


def _what() -> list[pl.Expr]:
    logon = pl.col("table").is_in(["DeviceLogonEvents", "IdentityLogonEvents"])
    time = pl.col("time").str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False)
    return [
        pl.col("offset"),
        time.cast(TIME).alias("timestamp"),
        pl.when(logon)
        .then(pl.lit("auth"))
        .when(pl.col("table") == "EmailEvents")
        .then(pl.lit("mail"))
        .when(pl.col("table") == "CloudAppEvents")
        .then(pl.lit("cloud"))
        .when(pl.col("asked").is_not_null())
        .then(pl.lit("dns"))
        .when(pl.col("url_domain").is_not_null() & (pl.col("table") != "DeviceFileEvents"))
        .then(pl.lit("web"))
        .otherwise(pl.lit("endpoint"))
        .alias("log_class"),
        pl.col("table").alias("event_code"),
        pl.coalesce("action", "operation").alias("event_action"),
        pl.lit("Microsoft").alias("observer_vendor"),
        pl.lit("Microsoft Defender").alias("observer_product"),
    ]


def _who() -> list[pl.Expr]:
    logon = pl.col("table") == "DeviceLogonEvents"
    return [
        pl.when(logon).then(address("remote_ip")).otherwise(address("local_ip")).alias("source_ip"),
        pl.when(logon).then(port("remote_port")).otherwise(port("local_port")).alias("source_port"),
        pl.col("device").alias("host_name"),
        split_account("account").struct.field("user_name", "user_domain"),
        pl.when(~logon.fill_null(value=False)).then(address("remote_ip")).alias("destination_ip"),
        pl.when(~logon.fill_null(value=False))
        .then(pl.coalesce(port("remote_port"), "destination_port"))
        .alias("destination_port"),
        pl.when(~logon.fill_null(value=False)).then(transport("protocol")).alias("network_transport"),
        pl.col("application").alias("network_application"),
    ]


def _content() -> list[pl.Expr]:
    whole = pl.col("remote").str.contains("://", literal=True)
    status = pl.col("status").cast(pl.Int32, strict=False)
    return [
        pl.when(whole).then("remote").alias("url_full"),
        pl.col("url_scheme", "url_domain"),
        pl.when(whole).then("url_path").alias("url_path"),
        pl.when(whole).then("url_query").alias("url_query"),
        pl.col("method").alias("http_request_method"),
        pl.when(status.is_between(100, 599)).then(status).alias("http_response_status_code"),
        pl.coalesce("http_agent", "agent").alias("user_agent_original"),
        question_name("asked"),
        question_type("asked_type"),
        pl.col("answer_code").alias("dns_response_code"),
        clean_host("server_name").alias("tls_server_name"),
        pl.coalesce("title", "policy").alias("rule_name"),
        pl.col("category").alias("rule_category"),
        pl.col("sender").alias("email_from_address"),
        pl.col("recipient").alias("email_to_address"),
        pl.col("subject").alias("email_subject"),
        pl.col("direction")
        .str.to_lowercase()
        .replace_strict(_DIRECTIONS, default=None, return_dtype=pl.String)
        .alias("email_direction"),
    ]


def _things() -> list[pl.Expr]:
    started = pl.col("table") == "DeviceProcessEvents"
    return [
        pl.col("class").alias("device_class"),
        pl.col("maker").str.to_lowercase().str.extract("^([0-9a-f]{4})$").alias("device_vendor_id"),
        pl.col("product").str.to_lowercase().str.extract("^([0-9a-f]{4})$").alias("device_product_id"),
        pl.col("serial").alias("device_serial"),
        pl.col("disk").alias("device_name"),
        pl.when(started).then("path").otherwise("program").alias("process_executable"),
        pl.when(started).then("command").otherwise("program_command").alias("process_command_line"),
        pl.col("file").alias("file_name"),
        pl.col("hash").str.to_lowercase().alias("file_hash"),
    ]


def _verdict() -> list[pl.Expr]:
    word = pl.concat_str(pl.col("action"), pl.col("verdict"), separator=" ", ignore_nulls=True)
    other = pl.col("table").is_not_null() & ~pl.col("table").is_in(_READ) & pl.col("operation").is_not_null()
    skipped = (pl.col("whole") & other).fill_null(value=False)
    return [
        pl.when(word.str.contains("(?i)block|fail|den(?:y|ied)|quarantin|junk"))
        .then(pl.lit("blocked"))
        .when(word.str.contains("(?i)success|accepted|allow|deliver"))
        .then(pl.lit("allowed"))
        .otherwise(pl.lit("unknown"))
        .alias("event_outcome"),
        skipped.alias(SKIP),
        pl.when(skipped)
        .then(None)
        .when(~pl.col("whole"))
        .then(pl.lit("not a whole JSON object"))
        .when(pl.col("list").is_not_null())
        .then(pl.lit("a list of events: write each as a line of its own (jq -c '.records[]')"))
        .when(pl.col("time").is_null() | pl.all_horizontal(pl.col("action", "title", "table").is_null()))
        .then(pl.lit("not an event of Defender"))
        .alias(REJECT),
    ]


FORMAT: Final = Format(
    name="defender",
    log_class="endpoint",
    title="Microsoft Defender XDR",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
)
