r"""
Documents of the Elastic Common Schema, one JSON object a line: Beats, Elastic Agent, Logstash, exports of Elasticsearch.

    {"@timestamp":"2026-01-14T10:14:09.123Z","event":{"category":["web"],"action":"blocked","type":["denied"]},
    "source":{"ip":"10.20.4.31"},"user":{"name":"amina.k"},"url":{"original":"https://casino.example/spin"},
    "observer":{"vendor":"Example","product":"Web Filter"},"rule":{"category":"Gambling"}}          (one line)

Keys may be nested, have dots (`"source.ip"`), or both. A line of `_source` (as elasticdump writes) is read as what it holds.
Reference: https://www.elastic.co/docs/reference/ecs/ecs-field-reference

Most columns of an event bear the name of an ECS field and are filled from it: `url_domain` from `url.domain`. Where that is
absent, from its other places: `client.*`, `server.*`, `source.user.name`, `host.hostname`, `url.full` from `url.original`,
`dns.answers.data` joined, `file.hash.*` by the strongest. `device_*` is read from `device.*`, publishers from `package.publisher`.
Values are kept as the document has them, but for an account's domain, which is a column of its own, and for the spelling of
addresses, hosts and protocols (`https` and `ssl` are `tls`). Port 0 and addresses of zeros are none.

Class: a DNS question is `dns`; else by `event.category` (web, email, authentication, session, iam, package, process, file,
driver, network, ...); else by what the document holds. What a service (Google Workspace, Microsoft 365, ...) says is `cloud`, but for
log-ons.
Outcome: `event.type` denied is blocked and allowed is allowed; else `event.action` by its words; else `event.outcome`: success
is allowed, and the failure of a log-on is blocked.
Host: `host.name` is the machine that the document is about, or merely the one that collected it. It is taken for the device where
the document has no client, or has the client's address for the machine's own.

Caveats: documents with neither a person, an address nor a thing (a program's messages) are passed over. Where Beats keeps the raw
line and did not take it apart, its own format reads that line and goes before this one, which takes eight tenths of the certainty.

Checked on 3605 documents that Elastic made of real logs, whose fields come out as they are, but for what is said above.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, Format, share_of_lines
from aup_monitor.core.schema import TIME
from aup_monitor.formats.carrier._events import KIND, PAGE, events
from aup_monitor.formats.carrier._times import moment
from aup_monitor.formats.json_paths import joined, json_paths
from aup_monitor.formats.web._given import machine_name

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_SHARE: Final = 0.8
"""What this format is worth beside that of the raw line in the document."""
_NAMED: Final = (  # noqa: SIM905 - a list of names reads best as words
    "event_code event_action event_duration observer_vendor observer_product source_ip source_port source_mac user_name "
    "user_domain destination_ip destination_port network_transport network_protocol network_application url_full url_scheme "
    "url_domain url_path url_query http_request_method http_request_referrer source_bytes destination_bytes "
    "dns_question_name dns_question_type rule_name rule_category device_class device_serial device_name device_encrypted "
    "process_executable file_name package_name package_version package_publisher"
).split()
"""Columns whose name is that of the ECS field, with dots for its lines."""
_OTHERS: Final = {
    "source_ip": "client.ip",
    "source_port": "client.port",
    "source_mac": "client.mac|host.mac",
    "source_bytes": "client.bytes|http.request.bytes",
    "user_name": "source.user.name|client.user.name|user.email|source.user.email",
    "user_domain": "source.user.domain|client.user.domain",
    "destination_ip": "server.ip",
    "destination_port": "server.port",
    "destination_bytes": "server.bytes|http.response.bytes",
    "network_transport": "network.iana_number",
    "device_serial": "device.serial_number",
    "device_name": "device.model.name|device.product.name",
    "device_class": "device.type",
    "file_name": "file.path",
    "process_executable": "process.name",
}
"""Column -> fields that stand in for its own."""
_APART: Final = {
    "written": "@timestamp",
    "category": "event.category",
    "type": "event.type",
    "outcome": "event.outcome",
    "dataset": "event.dataset|event.module",
    "observer_name": "observer.name|observer.hostname|observer.ip",
    "own_name": "host.name|host.hostname",
    "own_address": "host.ip",
    "far_name": "source.domain|client.domain",
    "server_name": "destination.domain|server.domain",
    "original": "url.original",
    "user_group": "user.group.name|source.user.group.name",
    "http_response_status_code": "http.response.status_code",
    "http_response_mime_type": "http.response.mime_type|http.response.body.mime_type",
    "user_agent_original": "user_agent.original",
    "dns_response_code": "dns.response_code",
    "answers": "dns.answers",
    "resolved": "dns.resolved_ip",
    "tls_server_name": "tls.client.server_name",
    "tls_client_ja4": "tls.client.ja4|tls.client.hash.ja4",
    "device_vendor_id": "device.vendor.id|device.vendor_id",
    "device_product_id": "device.product.id|device.product_id",
    "process_command_line": "process.command_line",
    "file_hash": "file.hash.sha256|file.hash.sha1|file.hash.md5|process.hash.sha256",
}
"""Column, or what one is made of -> fields whose names the column's does not tell."""
_PATHS: Final = {
    **{name: "|".join([name.replace("_", "."), *filter(None, [_OTHERS.get(name)])]) for name in _NAMED},
    **_APART,
}
_MANY: Final = (  # noqa: SIM905 - a list of names reads best as words
    "category type event_action observer_name own_address resolved rule_name rule_category user_group url_domain source_mac "
    "user_name file_name source_ip destination_ip network_transport network_application process_executable"
).split()
"""What may be a list."""
_CLASSES: Final = {
    "web": "web",
    "email": "mail",
    "authentication": "auth",
    "iam": "auth",
    "network": None,
    "intrusion_detection": None,
    "session": "auth",
    "package": "endpoint",
    "process": "endpoint",
    "file": "endpoint",
    "driver": "endpoint",
    "registry": "endpoint",
}
"""`event.category` -> class; of several categories the first of these counts. None: what the document holds tells it."""

_SERVICES: Final = (
    r"^(?:google_workspace|gsuite|o365|azure|okta|aws|gcp|github|slack|zoom|dropbox|box_events)"
)
"""Datasets of services, whose every event is `cloud` that is no log-on."""

_LOOKS: Final = (
    r'^\s*\{.*"@timestamp" *:.*"(?:ecs|event|source|observer|url)(?:\.[a-z_.]+)?" *: *(?:\{|"|\[)|'
    r'^\s*\{.*"(?:ecs|event|source|observer|url)(?:\.[a-z_.]+)?" *: *(?:\{|"|\[).*"@timestamp" *:'
)


def sniff(head: bytes) -> float:
    """Return the share of lines that are such documents, less a fifth."""
    return _SHARE * share_of_lines(head, _LOOKS)


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    bare = pl.col("line").str.extract(r'^\s*\{"_index" *:.*?"_source" *: *(\{.*\})\s*\}\s*$')
    return (
        lines.select("offset", pl.coalesce(bare, "line").alias("_document"))
        .pipe(json_paths, "_document", _PATHS, dotted=True)
        .with_columns(*map(joined, _MANY), joined("answers", "data"))
        .pipe(_time, replace(context, zone="UTC"))
        .with_columns(_by_category().alias("log_class"))
        .with_columns(_said())
        .with_columns(_reject(), _by_type().alias("event_outcome"))
        .drop("_document", "whole")
        .pipe(events)
    )


def _time(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Add the time; the usual way to write it is read first, any other where that fails."""
    usual = pl.col("written").str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False)
    return (
        lines.with_columns(usual.cast(TIME).alias("timestamp"))
        .with_columns(pl.when(pl.col("timestamp").is_null()).then("written").alias("written"))
        .with_columns(pl.coalesce("timestamp", moment("written", context)).alias("timestamp"))
    )


def _by_category() -> pl.Expr:
    """Return the class that the categories tell; null for a DNS question, and where they leave it open."""
    first = pl.coalesce(
        pl.when(pl.col("category").str.contains(rf"(?:^|,){word}(?:,|$)")).then(pl.lit(word))
        for word in _CLASSES
    )
    told = first.replace_strict(_CLASSES, default=None, return_dtype=pl.String)
    service = pl.col("dataset").str.contains(_SERVICES) & (first != "authentication").fill_null(value=True)
    return (
        pl.when(pl.col("dns_question_name").is_not_null())
        .then(None)
        .when(service)
        .then(pl.lit("cloud"))
        .when(
            (first == "network")
            & pl.all_horizontal(pl.col("url_full", "url_domain", "original").is_null())
            & pl.col("server_name").is_not_null()
        )
        .then(pl.lit("firewall"))
        .otherwise(told)
    )


def _by_type() -> pl.Expr:
    """Return the outcome that `event.type` tells; null where it leaves it open."""
    kinds = pl.col("type")
    return (
        pl.when(kinds.str.contains(r"(?:^|,)denied(?:,|$)"))
        .then(pl.lit("blocked"))
        .when(kinds.str.contains(r"(?:^|,)allowed(?:,|$)"))
        .then(pl.lit("allowed"))
    )


def _said() -> list[pl.Expr]:
    """Return what is not read from one field alone."""
    log_on = pl.col("log_class") == "auth"
    done = pl.when(pl.col("outcome").is_in(["success", "failure"])).then("outcome")
    answered = pl.col("dns_response_code").replace_strict(
        {"NOERROR": "allowed", "REFUSED": "refused"}, default=None
    )
    own_client = ("," + pl.col("own_address") + ",").str.contains(
        "," + pl.col("source_ip") + ",", literal=True
    )
    about = pl.col("source_ip").is_null() | own_client
    whole = pl.col("url_full").str.contains("://", literal=True)
    return [
        pl.coalesce(pl.when(about).then("own_name"), machine_name("far_name")).alias("host_name"),
        pl.when(whole).then("url_full").alias("url_full"),
        pl.coalesce("url_full", "original").alias(PAGE),
        pl.col("url_query").str.strip_prefix("?"),
        pl.coalesce("answers", "resolved").alias("dns_answers"),
        pl.coalesce("url_domain", "server_name").alias("url_domain"),
        pl.coalesce(pl.when(log_on).then(done), "event_action").alias("verdict"),
        pl.coalesce(pl.when(pl.col("outcome") == "success").then("outcome"), answered).alias("result"),
        pl.concat_str("dataset", "event_action", separator=" ", ignore_nulls=True).alias(KIND),
    ]


def _reject() -> pl.Expr:
    return (
        pl.when(~pl.col("whole"))
        .then(pl.lit("no whole JSON object in the line"))
        .when(pl.col("timestamp").is_null())
        .then(pl.lit("no @timestamp that is understood"))
        .alias(REJECT)
    )


FORMAT: Final = Format(
    name="ecs-json",
    log_class="firewall",
    title="Elastic Common Schema (JSON)",
    looks=_LOOKS,
    sniff=sniff,
    doc=__doc__,
    parse=parse,
)
