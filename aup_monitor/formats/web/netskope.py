r"""
Netskope: page, application, connection, network and alert events as JSON, from its REST API or a log shipper.

    {"timestamp":1768207501,"type":"nspolicy","access_method":"Client","traffic_type":"Web","action":"block",
     "activity":"Browse","user":"alice@elmpark.example","userip":"10.20.4.31","url":"casino.example/play",
     "app":"Casino","category":"Gambling","policy":"No gambling","ccl":"unknown",...}                    (one line)

One flat object a line, whose fields may come in any order: the API's answer is a list of them, to be put one a line.
Reference: https://docs.netskope.com/en/rest-api-events-and-alerts-response-descriptions/

What it fills: time (seconds, UTC), account, unit (`user_group`), device, client (its address at the school, else the one that
the world sees), server and its port, address and its parts, media type, browser, referrer, bytes, how long it took,
application, category, policy, what was done (`event_action`, else the activity), the file that was sent or fetched and
its hash; `event_code` is the kind of alert or of event.

Class: a network event (private access, cloud firewall) is `firewall`, what the API found in a cloud service is `cloud`, the
rest `web`.
The outcome: block is blocked; allow, alert, bypass, and a connection without an action are allowed. `useralert` asked the
user, and what they chose is not in the line: unknown, as is any other word.

Lacks: method and status. Caveats:
- Netskope writes addresses without a scheme; it is told by the protocol, else by the port. A connection that was not
  decrypted (`bypass_traffic`) and one without a path show the host alone.
- A page event sums up a visit; its bytes are those of all its requests.
- Events of administrators and of the service itself are passed over. The transaction log (W3C) is another format: elff.

Checked by hand on 3 published events beside an independent parse, which takes the outer address for the client; none is in the
tests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.core.hosts import clean_host
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.epochs import of_seconds
from aup_monitor.formats.fields import address, number, port, seconds, transport
from aup_monitor.formats.json_values import is_object, json_texts
from aup_monitor.formats.urls import split_url
from aup_monitor.formats.web._given import verdict

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_KEYS: Final = {
    "time": "timestamp",
    "kind": "type",
    "alert": "alert_type",
    "method": "access_method",
    "action": "action",
    "activity": "activity",
    "user": "user",
    "unit": "organization_unit",
    "machine": "hostname",
    "inside": "userip",
    "outside": "srcip",
    "client_port": "srcport",
    "server": "dstip",
    "server_port": "dstport",
    "server_name": "dsthost",
    "transport": "ip_protocol",
    "protocol": "protocol",
    "url": "url",
    "bypassed": "bypass_traffic",
    "mime": "resp_content_type",
    "referrer": "referer",
    "agent": "useragent",
    "bytes": "numbytes",
    "sent": "client_bytes",
    "received": "server_bytes",
    "duration": "conn_duration",
    "app": "app",
    "category": "category|appcategory",
    "policy": "policy",
    "object": "object",
    "object_kind": "object_type",
    "hash": "sha256|md5",
    "audit": "audit_log_event|alarm_name",
}
_SCHEMES: Final = {"443": "https", "80": "http"}
_BLOCKED: Final = ("block", "blocked")
_ALLOWED: Final = ("allow", "allowed", "alert", "detection", "bypass")

_HOW: Final = r'"(?:access_method|traffic_type)" *: *"'
_OURS: Final = r'"(?:ccl|appcategory|netskope_pop|organization_unit)" *:'
_LOOKS: Final = rf"\{{.*{_HOW}.*{_OURS}|\{{.*{_OURS}.*{_HOW}"


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:  # noqa: ARG001 - Netskope writes UTC
    """Turn lines into events; see the module's page."""
    return (
        json_texts(lines, "line", _KEYS)
        .with_columns(
            pl.col("audit").is_not_null().alias(SKIP),
            _scheme().alias("scheme"),
            pl.when(address("user").is_null()).then("user").alias("user"),
        )
        .with_columns(_address().alias("address"))
        .pipe(split_url, "address")
        .select(_columns())
    )


def _scheme() -> pl.Expr:
    """Return the scheme that the protocol (`HTTPS/2`) or the port tells, else an empty text."""
    written = pl.col("protocol").str.to_lowercase().str.extract(r"^(https?)\b")
    told = pl.col("server_port").replace_strict(_SCHEMES, default=None, return_dtype=pl.String)
    return pl.coalesce(written, told, pl.lit(""))


def _address() -> pl.Expr:
    whole = pl.col("url").str.contains("://", literal=True)
    return pl.when(whole).then("url").otherwise(pl.col("scheme") + "://" + pl.col("url"))


def _columns() -> list[pl.Expr]:
    passed_by = (pl.col("bypassed") == "yes").fill_null(value=False)
    paged = pl.when(~passed_by & pl.col("url_path").is_not_null())
    schemed = pl.col("url_scheme") != ""
    counted = pl.when(pl.col("bytes").ne_missing("0"))
    return [
        pl.col("offset", SKIP),
        of_seconds(pl.col("time")).alias("timestamp"),
        _class().alias("log_class"),
        pl.lit("Netskope").alias("observer_vendor"),
        pl.lit("Security Cloud").alias("observer_product"),
        pl.coalesce("alert", "kind").alias("event_code"),
        pl.coalesce("action", "activity").alias("event_action"),
        _outcome(),
        _positive(seconds("duration")).alias("event_duration"),
        pl.coalesce(address("inside"), address("outside")).alias("source_ip"),
        port("client_port").alias("source_port"),
        pl.col("machine").alias("host_name"),
        split_account("user").struct.field("user_name", "user_domain"),
        pl.col("unit").alias("user_group"),
        address("server").alias("destination_ip"),
        pl.coalesce(port("server_port"), "destination_port").alias("destination_port"),
        transport("transport").alias("network_transport"),
        pl.col("app").alias("network_application"),
        paged.then(pl.when(schemed).then("address")).alias("url_full"),
        pl.when(schemed).then("url_scheme").alias("url_scheme"),
        pl.coalesce("url_domain", clean_host("server_name")).alias("url_domain"),
        paged.then("url_path").alias("url_path"),
        paged.then("url_query").alias("url_query"),
        pl.col("mime").alias("http_response_mime_type"),
        pl.col("referrer").alias("http_request_referrer"),
        pl.col("agent").alias("user_agent_original"),
        counted.then(number("sent")).alias("source_bytes"),
        counted.then(number("received")).alias("destination_bytes"),
        pl.col("policy").alias("rule_name"),
        pl.col("category").alias("rule_category"),
        pl.when(pl.col("object_kind") == "File").then("object").alias("file_name"),
        pl.col("hash").alias("file_hash"),
        _reject(),
    ]


def _positive(value: pl.Expr) -> pl.Expr:
    return pl.when(value > 0).then(value)


def _class() -> pl.Expr:
    return (
        pl.when(pl.col("kind") == "network")
        .then(pl.lit("firewall"))
        .when(pl.col("method") == "API Connector")
        .then(pl.lit("cloud"))
        .otherwise(pl.lit("web"))
    )


def _outcome() -> pl.Expr:
    word = pl.col("action").str.to_lowercase()
    silent = word.is_null() & pl.col("kind").is_in(["connection", "page", "network"])
    return verdict(word.is_in(_BLOCKED), word.is_in(_ALLOWED) | silent)


def _reject() -> pl.Expr:
    about = pl.coalesce("url", "server_name", "server", "app")
    return (
        pl.when(~is_object("line"))
        .then(pl.lit("no whole JSON object in the line"))
        .when(SKIP)
        .then(None)
        .when(pl.col("time").is_null() | pl.col("kind").is_null() | about.is_null())
        .then(pl.lit("not an event of Netskope"))
        .alias(REJECT)
    )


FORMAT: Final = Format(
    name="netskope",
    log_class="web",
    title="Netskope events (JSON)",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
)
