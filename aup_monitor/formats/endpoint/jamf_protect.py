r"""
Jamf Protect (Jamf Security Cloud): threat events and network traffic of Macs, iPads and iPhones, one JSON object a line.

    {"event":{"metadata":{"vendor":"Jamf","product":"Network Traffic Stream"},"timestamp":"2026-01-14T10:14:09.120Z",
     "device":{"deviceId":"0417-aa","osType":"IOS"},"hostName":"casino.example","dns":{"recordType":"A","category":"Gambling"},
     "blocked":true,"user":{"email":"a.khan@elmpark.example","name":"Amina Khan"},...}}    (one line)

Both streams are read, mixed as they come: `Threat Events Stream` and `Network Traffic Stream`.
Reference: https://learn.jamf.com/bundle/jamf-protect-documentation/page/Data_Streams.html

What it fills, of traffic (class `dns`): time, account, client's address, name and type asked for, response code, addresses that
were answered (`dns_answers`), category, kinds of threat (`rule_name`), whether it was blocked.
Of threats (class `web` where a host is named, else `endpoint`): time, account, device's name, host and address, app (name,
version, hash), name of the event (`rule_name`) and its words (`rule_category`), what was done (`event_action`).

Outcome: blocked, or not, as the traffic says; of threats Blocked is blocked and all else unknown: they were seen.

Lacks: whole addresses of pages. Caveats:
- Traffic names a device by its id alone, which then is `host_name`; threats have its name.
- Where a school keeps names from Jamf, an account is made up (`...@....wnd`, or only an id): it is no user.
- The events of the Mac itself (alerts, telemetry) are other streams and are skipped.

Checked on 14 real lines against an independent parse.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.core.hosts import clean_host
from aup_monitor.core.schema import TIME
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.dns.questions import question_name, question_type
from aup_monitor.formats.fields import address, port
from aup_monitor.formats.json_paths import joined, json_paths

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_PATHS: Final = {
    "vendor": "event.metadata.vendor|metadata.vendor",
    "stream": "event.metadata.product|metadata.product",
    "alert": "caid",
    "time": "event.timestamp",
    "device": "event.device.userDeviceName|event.device.deviceId",
    "email": "event.user.email",
    "person": "event.user.name",
    "client": "event.source.ip",
    "client_port": "event.source.port",
    "asked": "event.hostName",
    "asked_type": "event.dns.recordType",
    "code": "event.dns.responseStatus",
    "category": "event.dns.category",
    "answers": "event.destination.ips",
    "blocked": "event.blocked",
    "threats": "event.threat.types",
    "signature": "event.signatureId.name",
    "signature_id": "event.signatureId.id",
    "what": "event.eventType.name",
    "what_id": "event.eventType.id",
    "words": "event.eventType.description",
    "action": "event.action",
    "host": "event.destination.name",
    "server": "event.destination.ip",
    "server_port": "event.destination.port",
    "app": "event.app.name",
    "app_version": "event.app.version",
    "hash": "event.app.sha256|event.app.sha1",
}
_TRAFFIC: Final = "Network Traffic Stream"
_THREATS: Final = "Threat Events Stream"
_STREAMS: Final = "Threat Events|Network Traffic|Device Telemetry"
_LOOKS: Final = (
    rf'"metadata" *: *\{{[^{{}}]*"product" *: *"(?:{_STREAMS}) Stream"[^{{}}]*\}}|'
    r'^\{"caid" *: *"[0-9a-f]{64}", *"certid" *:'
)
_ID: Final = r"^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$"


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:  # noqa: ARG001 - Jamf writes UTC
    """Turn lines into events; see the module's page."""
    return (
        json_paths(lines, "line", _PATHS)
        .with_columns(
            _account().alias("account"),
            (pl.col("stream") == _TRAFFIC).fill_null(value=False).alias("traffic"),
            (pl.col("stream") == _THREATS).fill_null(value=False).alias("threat"),
        )
        .select(*_what(), *_who(), *_verdict())
    )


def _account() -> pl.Expr:
    """Return the address of e-mail, else the name; neither if it was made up to keep the person's from Jamf."""
    email = pl.when(~pl.col("email").str.ends_with(".wnd")).then("email")
    return pl.coalesce(email, pl.when(~pl.col("person").str.contains(_ID)).then("person"))


def _what() -> list[pl.Expr]:
    host = pl.when(pl.col("host").str.contains(".", literal=True)).then(clean_host("host"))
    return [
        pl.col("offset"),
        pl.col("time")
        .str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False)
        .cast(TIME)
        .alias("timestamp"),
        pl.when("traffic")
        .then(pl.lit("dns"))
        .when(host.is_not_null())
        .then(pl.lit("web"))
        .otherwise(pl.lit("endpoint"))
        .alias("log_class"),
        pl.coalesce("what_id", "signature_id").alias("event_code"),
        pl.coalesce("action", "signature").alias("event_action"),
        pl.lit("Jamf").alias("observer_vendor"),
        pl.lit("Jamf Protect").alias("observer_product"),
        host.alias("url_domain"),
        pl.when("traffic").then(pl.lit("dns")).alias("network_protocol"),
        question_name("asked"),
        question_type("asked_type"),
        pl.col("code").alias("dns_response_code"),
        joined("answers").alias("dns_answers"),
        pl.coalesce("what", joined("threats")).alias("rule_name"),
        pl.coalesce("words", "category").alias("rule_category"),
        pl.col("app").alias("package_name"),
        pl.col("app_version").alias("package_version"),
        pl.col("hash").alias("file_hash"),
    ]


def _who() -> list[pl.Expr]:
    return [
        address("client").alias("source_ip"),
        port("client_port").alias("source_port"),
        pl.col("device").alias("host_name"),
        split_account("account").struct.field("user_name", "user_domain"),
        address("server").alias("destination_ip"),
        port("server_port").alias("destination_port"),
    ]


def _verdict() -> list[pl.Expr]:
    stopped = (pl.col("blocked") == "true") | (pl.col("action") == "Blocked")
    other = (pl.col("vendor") == "Jamf") | pl.col("alert").is_not_null()
    skipped = (pl.col("whole") & ~pl.col("traffic") & ~pl.col("threat") & other).fill_null(value=False)
    return [
        pl.when(stopped)
        .then(pl.lit("blocked"))
        .when(pl.col("blocked") == "false")
        .then(pl.lit("allowed"))
        .otherwise(pl.lit("unknown"))
        .alias("event_outcome"),
        skipped.alias(SKIP),
        pl.when(skipped)
        .then(None)
        .when(~pl.col("whole"))
        .then(pl.lit("not a whole JSON object"))
        .when(~pl.col("traffic") & ~pl.col("threat"))
        .then(pl.lit("not of a stream of Jamf Protect"))
        .when(pl.col("traffic") & pl.col("asked").is_null())
        .then(pl.lit("traffic that names no host"))
        .when(pl.col("threat") & pl.col("what").is_null())
        .then(pl.lit("a threat that does not say what it is"))
        .alias(REJECT),
    ]


FORMAT: Final = Format(
    name="jamf-protect",
    log_class="dns",
    title="Jamf Protect threats and traffic",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
)
