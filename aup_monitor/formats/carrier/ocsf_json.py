r"""
OCSF, the Open Cybersecurity Schema Framework, versions 1.0 to 1.7, one JSON object a line: security lakes, collectors, endpoints.

    {"class_uid":4002,"time":1768385649000,"action_id":2,"disposition_id":2,"src_endpoint":{"ip":"10.20.4.31"},
    "actor":{"user":{"name":"amina.k"}},"http_request":{"http_method":"GET","url":{"hostname":"casino.example",
    "path":"/spin","categories":["Gambling"]}},"metadata":{"product":{"vendor_name":"Example"}}}      (one line)

Reference: https://schema.ocsf.io/1.6.0/classes

Class, by `class_uid`: HTTP (4002) is `web`, DNS (4003) `dns`, DHCP (4004) `dhcp`, e-mail (4009) and what stands in it (4011, 4012)
`mail`, other network activity `firewall`; authentication (3002) and sessions `auth`, other identity events `auth`; system activity
(1001 files, 1007 processes, ...) and inventory (5001, 5020, ...) `endpoint`; API and web resources (6001, 6003) `cloud`; findings (2001 to
2007) by what they hold. Documents with neither a person, an address nor a thing are passed over.
Outcome: by `disposition_id` (Blocked, Quarantined, Isolated, Deleted, Dropped, Reset, Access Revoked, Rejected, Unauthorized are
blocked; Allowed, Approved, Detected, No Action, Logged, Tagged, Alert, Count are allowed), else `action_id` (1 and 3 allowed, 2
blocked), else the words of both, else `status_id`: success is allowed, and the failure of a log-on is blocked.
Time: `time` (ms, s or ISO 8601), else `time_dt`.
Fills: vendor, product, machine, both ends with ports, MAC and host names, account (`actor.user`; of a log-on, and where nobody acts,
`user`; of an e-mail its sender), domain, group, page with categories, method, status, browser, referrer, media type, bytes, duration, DNS question and answers,
SNI, JA4, application, rule (`firewall_rule`, `policy`), program, file, hash, software; of findings their title as the rule.

Caveats: of the two ends `src_endpoint` is taken for the client, as the schema says for traffic. Of a file's
hashes the first is kept. What producers put into `unmapped` or `enrichments` is not read.

From documentation and the published examples of the schema; no real line seen.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, Format
from aup_monitor.core.schema import EVENT_SCHEMA
from aup_monitor.formats.carrier._events import KIND, events
from aup_monitor.formats.carrier._times import moment
from aup_monitor.formats.json_paths import joined, json_paths

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aup_monitor.core.format import Context

_PATHS: Final = {
    "class": "class_uid",
    "class_words": "class_name|type_name",
    "written": "time|time_dt",
    "event_code": "type_uid|class_uid",
    "activity": "activity_name",
    "action": "action",
    "action_id": "action_id",
    "disposition": "disposition",
    "disposition_id": "disposition_id",
    "status": "status",
    "status_id": "status_id",
    "duration": "duration",
    "observer_vendor": "metadata.product.vendor_name",
    "observer_product": "metadata.product.name",
    "observer_name": "metadata.log_provider|device.hostname|device.name",
    "device_host": "device.hostname|device.name",
    "device_ip": "device.ip",
    "device_mac": "device.mac",
    "source_ip": "src_endpoint.ip",
    "source_port": "src_endpoint.port",
    "source_mac": "src_endpoint.mac",
    "source_host": "src_endpoint.hostname|src_endpoint.name",
    "destination_ip": "dst_endpoint.ip",
    "destination_port": "dst_endpoint.port",
    "site": "dst_endpoint.hostname|dst_endpoint.domain",
    "service": "dst_endpoint.svc_name",
    "actor": "actor.user.name|actor.user.email_addr",
    "actor_domain": "actor.user.domain",
    "actor_groups": "actor.user.groups",
    "user": "user.name|user.email_addr",
    "users_domain": "user.domain",
    "users_groups": "user.groups",
    "sender": "email.from|email.smtp_from",
    "ends_user": "src_endpoint.owner.name|device.owner.name",
    "network_transport": "connection_info.protocol_name|connection_info.protocol_num",
    "network_application": "app_name",
    "page": "http_request.url.url_string|url.url_string",
    "url_scheme": "http_request.url.scheme|url.scheme",
    "url_domain": "http_request.url.hostname|url.hostname",
    "url_path": "http_request.url.path|url.path",
    "url_query": "http_request.url.query_string|url.query_string",
    "categories": "http_request.url.categories|url.categories",
    "http_request_method": "http_request.http_method",
    "http_response_status_code": "http_response.code",
    "http_response_mime_type": "http_response.content_type",
    "http_request_referrer": "http_request.referrer",
    "user_agent_original": "http_request.user_agent",
    "source_bytes": "traffic.bytes_out",
    "destination_bytes": "traffic.bytes_in",
    "dns_question_name": "query.hostname",
    "dns_question_type": "query.type",
    "dns_response_code": "rcode",
    "answers": "answers",
    "tls_server_name": "tls.sni",
    "fingerprints": "ja4_fingerprint_list",
    "rule_name": "firewall_rule.name|firewall_rule.uid|policy.name|finding_info.title|finding.title",
    "device_class": "peripheral_device.class",
    "device_serial": "peripheral_device.serial_number",
    "device_name": "peripheral_device.model|peripheral_device.name",
    "process_executable": "process.file.path|process.name|process.path",
    "process_command_line": "process.cmd_line",
    "file_name": "file.name|file.path",
    "file_hashes": "file.hashes|file.fingerprints|process.file.hashes",
    "package_name": "product.name|package.name|app.name",
    "package_version": "product.version|package.version|app.version",
    "package_publisher": "product.vendor_name|package.vendor_name",
}
_CLASSES: Final = {
    "4002": "web",
    "4003": "dns",
    "4004": "dhcp",
    "4009": "mail",
    "4011": "mail",
    "4012": "mail",
    "1": "endpoint",
    "3": "auth",
    "4": "firewall",
    "5": "endpoint",
    "6": "cloud",
}
"""`class_uid`, or its first digit (the category) -> class; findings are what they hold."""
_DISPOSITIONS: Final = {
    **dict.fromkeys(("1", "8", "10", "13", "15", "16", "17", "18", "19", "20"), "allowed"),
    **dict.fromkeys(("2", "3", "4", "5", "6", "21", "24", "25", "26"), "blocked"),
}
"""`disposition_id` of https://schema.ocsf.io/1.6.0/dictionary -> outcome."""
_ACTIONS: Final = {"1": "allowed", "2": "blocked", "3": "allowed"}
_AS_GIVEN: Final = sorted({*_PATHS} & {*EVENT_SCHEMA} - {"rule_name"})

_MADE: Final = (  # noqa: SIM905 - a list of names reads best as words
    "user_name user_domain user_group event_action verdict result kind host_name event_duration dns_answers rule_name "
    "rule_category file_hash tls_client_ja4 page"
).split()

_LOOKS: Final = (
    r'^\s*\{.*"class_uid" *: *"?[1-9]\d{3}"?\b.*"(?:category_uid|type_uid|activity_id|metadata|severity_id)" *:|'
    r'^\s*\{.*"(?:category_uid|type_uid|activity_id|metadata|severity_id)" *:.*"class_uid" *: *"?[1-9]\d{3}"?\b'
)


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    return (
        json_paths(lines, "line", _PATHS)
        .with_columns(
            moment("written", replace(context, zone="UTC")).alias("timestamp"),
            pl.coalesce(_told("class", _CLASSES), _told(pl.col("class").str.head(1), _CLASSES)).alias(
                "log_class"
            ),
            joined("actor_groups", "name"),
            joined("users_groups", "name"),
            joined("answers", "rdata").alias("dns_answers"),
            joined("categories").alias("rule_category"),
            joined("device_ip"),
        )
        .with_columns(_said())
        .with_columns(_reject())
        .select("offset", "timestamp", REJECT, "log_class", "event_outcome", *_AS_GIVEN, *_MADE)
        .pipe(events)
    )


def _told(code: str | pl.Expr, meanings: Mapping[str, str]) -> pl.Expr:
    number = pl.col(code) if isinstance(code, str) else code
    return number.replace_strict(meanings, default=None, return_dtype=pl.String)


def _said() -> list[pl.Expr]:
    """Return what is not read from one path alone."""
    about = pl.col("source_ip").is_null() | (pl.col("source_ip") == pl.col("device_ip"))
    milliseconds = pl.col("duration").cast(pl.Int64, strict=False)
    failed = pl.when((pl.col("log_class") == "auth") & (pl.col("status_id") == "2")).then(pl.lit("failed"))
    succeeded = pl.when(pl.col("status_id") == "1").then(pl.lit("success"))
    return [
        *_who(),
        pl.coalesce(_told("disposition_id", _DISPOSITIONS), _told("action_id", _ACTIONS)).alias(
            "event_outcome"
        ),
        pl.concat_str("disposition", "action", separator=" ", ignore_nulls=True).alias("verdict"),
        pl.coalesce(failed, succeeded).alias("result"),
        pl.coalesce("disposition", "action", "activity").alias("event_action"),
        pl.col("class_words").alias(KIND),
        pl.coalesce("source_host", pl.when(about).then("device_host")).alias("host_name"),
        pl.coalesce("source_ip", "device_ip").alias("source_ip"),
        pl.coalesce("source_mac", pl.when(about).then("device_mac")).alias("source_mac"),
        pl.coalesce("url_domain", pl.when(pl.col("log_class").is_in(["web", "firewall"])).then("site")).alias(
            "url_domain"
        ),
        pl.coalesce("network_application", "service").alias("network_application"),
        pl.when(milliseconds.is_between(0, 9 * 10**12))
        .then(milliseconds * 1_000_000)
        .alias("event_duration"),
        _first_of("file_hashes").alias("file_hash"),
        _first_of("fingerprints").alias("tls_client_ja4"),
    ]


def _who() -> list[pl.Expr]:
    """Return the person: of a log-on who logs on, of an e-mail who sends it, else who acts."""
    kind = pl.col("log_class")
    log_on = kind == "auth"
    acts = pl.coalesce(pl.when(kind == "mail").then("sender"), "actor", "user", "ends_user")
    by_user = pl.when(log_on & pl.col("user").is_not_null() | pl.col("actor").is_null())
    return [
        pl.when(log_on).then(pl.coalesce("user", "actor")).otherwise(acts).alias("user_name"),
        by_user.then("users_domain").otherwise("actor_domain").alias("user_domain"),
        by_user.then("users_groups").otherwise("actor_groups").alias("user_group"),
    ]


def _first_of(column: str) -> pl.Expr:
    return joined(column, "value").str.extract(r"^([^,]*)")


def _reject() -> pl.Expr:
    return (
        pl.when(~pl.col("whole"))
        .then(pl.lit("no whole JSON object in the line"))
        .when(pl.col("class").is_null())
        .then(pl.lit("no class_uid: not a document of OCSF"))
        .when(pl.col("timestamp").is_null())
        .then(pl.lit("no time that is understood"))
        .alias(REJECT)
    )


FORMAT: Final = Format(
    name="ocsf-json", log_class="firewall", title="OCSF (JSON)", looks=_LOOKS, doc=__doc__, parse=parse
)
