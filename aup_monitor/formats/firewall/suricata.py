r"""
Suricata's EVE log (`eve.json`, one JSON object a line), Suricata 4 to 8; pfSense, OPNsense and SELKS write it, too.

    {"timestamp":"2026-01-14T10:14:09.270213+0000","flow_id":1,"event_type":"tls","src_ip":"10.20.4.31","src_port":61930,
     "dest_ip":"203.0.113.9","dest_port":443,"proto":"TCP","tls":{"sni":"casino.example","version":"TLS 1.3"}}    (one line)

Reads `dns`, `tls`, `quic`, `http`, `alert`, `drop`, `flow`, `netflow` and `dhcp`; everything else (files, statistics,
other protocols) is passed over.
Reference: https://docs.suricata.io/en/latest/output/eve/eve-json-format.html

Class: http is `web`, dns is `dns`, dhcp is `dhcp`, the rest is `firewall`. Time: with its offset from UTC.
Fills: both ends, ports, transport, protocol, hardware address; of http the address, method, status, browser, referrer, media type and bytes;
of dns the question, type, code and answers; of tls and quic the server name and JA4; of flows the bytes; of alerts
`attack: SIGNATURE` (`rule_category`) and the signature's number (`rule_name`). `event_code` is the kind of event.

Outcome: an alert's or verdict's action where Suricata stands in the way (drop, reject: blocked; pass, allowed: allowed); a http
answer, a dns answer and an established flow are allowed; the rest is unknown.

Caveats: the client is the source: an answer of dns, and an alert on traffic `to_client` (Suricata 7), are turned round. A look-up is two
events, question and answer. Of IPv6 the short form is written. Times without an offset are the site's.
Checked on 60 real lines of Suricata 4 to 6.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.core.hosts import clean_host
from aup_monitor.core.schema import TIME
from aup_monitor.formats import fields as f
from aup_monitor.formats.syslog import utc_of_local
from aup_monitor.formats.urls import split_url

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

# A quote inside a JSON text is escaped, so that `"sni":` can only be a key; the first one counts.
_TEXT: Final = r'"([^"\\]*(?:\\.[^"\\]*)*)"'
_NUMBER: Final = r"(\d+)"
_KINDS: Final = {
    **dict.fromkeys(("alert", "drop", "flow", "netflow", "tls", "quic"), "firewall"),
    "http": "web",
    "dns": "dns",
    "dhcp": "dhcp",
}
_TEXTS: Final = {
    "sni": "tls|quic|alert",
    "ja4": "tls|quic",
    "rrname": "dns",
    "rrtype": "dns",
    "rcode": "dns",
    "hostname": "http|alert|dhcp",
    "url": "http|alert",
    "http_user_agent": "http|alert",
    "http_refer": "http|alert",
    "http_method": "http|alert",
    "http_content_type": "http|alert",
    "signature": "alert|drop",
    "action": "alert|drop",
    "direction": "alert",
    "state": "flow",
    "app_proto": "flow|alert",
    "client_mac": "dhcp",
    "assigned_ip": "dhcp",
    "type": "dns|dhcp",
}
_NUMBERS: Final = {
    "status": "http|alert",
    "length": "http",
    "bytes_toserver": "flow|alert",
    "bytes_toclient": "flow|alert",
    "age": "flow",
    "signature_id": "alert|drop",
}
_TLS: Final = {"http": "http", "dns": "dns", "tls": "tls", "quic": "quic", "dhcp": "dhcp"}


_LOOKS: Final = r'^\{.*"timestamp": ?"[^"]+".*"event_type": ?"[a-z0-9_]+"'


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    known = (
        lines.with_columns(_value("event_type", _TEXT), _value("timestamp", _TEXT), _value("proto", _TEXT))
        .with_columns(
            pl.col("event_type").replace_strict(_KINDS, default=None, return_dtype=pl.String).alias("kind")
        )
        .with_columns(_ends())
        .with_columns(_of(key, kinds, _TEXT) for key, kinds in _TEXTS.items())
        .with_columns(_of(key, kinds, _NUMBER) for key, kinds in _NUMBERS.items())
        .with_columns(_unescaped(), _turned().alias("turned"), _answers())
        .with_columns(_address())
    )
    return split_url(known, "address").select("offset", *_what(context), *_who(), *_content(), *_verdict())


def _value(key: str, form: str) -> pl.Expr:
    return pl.col("line").str.extract(rf'"{key}": ?{form}').alias(key)


def _of(key: str, kinds: str, form: str) -> pl.Expr:
    """Return a key's value on lines of those kinds; an expression passes over nulls at no cost."""
    lines = pl.when(pl.col("event_type").is_in(kinds.split("|"))).then("line")
    return lines.str.extract(rf'"{key}": ?{form}').alias(key)


def _ends() -> list[pl.Expr]:
    known = pl.when(pl.col("kind").is_not_null()).then("line")
    return [
        *(
            known.str.extract(rf'"{key}": ?{_TEXT}').alias(key)
            for key in ("src_ip", "dest_ip", "src_mac", "dest_mac")
        ),
        *(known.str.extract(rf'"{key}": ?{_NUMBER}').alias(key) for key in ("src_port", "dest_port")),
    ]


def _unescaped() -> pl.Expr:
    """Undo JSON's escapes; each distinct text that has one is looked at once."""

    def undo(texts: pl.Series) -> pl.Series:
        escaped = texts.filter(texts.str.contains("\\", literal=True)).unique()
        return texts.replace(escaped, [_plain(text) for text in escaped]) if len(escaped) else texts

    return pl.col(*_TEXTS).map_batches(undo, return_dtype=pl.String, is_elementwise=True)


def _plain(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"')).encode("utf-8", "replace").decode()
    except ValueError:
        return text


def _turned() -> pl.Expr:
    answer = (pl.col("event_type") == "dns") & (pl.col("src_port") == "53") & (pl.col("dest_port") != "53")
    return (answer | (pl.col("direction") == "to_client")).fill_null(value=False)


def _answers() -> pl.Expr:
    found = pl.when(pl.col("event_type") == "dns").then("line").str.extract_all(r'"rdata": ?"[^"]*"')
    bare = found.list.eval(pl.element().str.replace(r'^"rdata": ?"', "").str.strip_suffix('"')).list.join(",")
    return pl.when(bare != "").then(bare).alias("answers")


def _address() -> pl.Expr:
    http = pl.col("event_type").is_in(["http", "alert"])
    whole = pl.col("url").str.contains("^[a-z]+://")
    host = pl.when(http & (pl.col("hostname") != "")).then("hostname")
    path = (
        pl.when(pl.col("url").str.starts_with("/"))
        .then("url")
        .when(pl.col("url").is_null())
        .then(pl.lit("/"))
    )
    return pl.when(http & whole).then("url").otherwise(pl.lit("http://") + host + path).alias("address")


def _what(context: Context) -> list[pl.Expr]:
    aware = pl.col("timestamp").str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%z", time_unit="us", strict=False)
    naive = pl.col("timestamp").str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", time_unit="us", strict=False)
    stamp = pl.coalesce(aware.cast(TIME), utc_of_local(naive, context.zone))
    whole = pl.col("line").str.strip_chars_end().str.ends_with("}")
    foreign = pl.col("event_type").is_null() | ~pl.col("line").str.starts_with("{")
    return [
        stamp.alias("timestamp"),
        pl.coalesce("kind", pl.lit("firewall")).alias("log_class"),
        pl.col("event_type").alias("event_code"),
        pl.lit("Suricata").alias("observer_product"),
        pl.when(foreign)
        .then(pl.lit("no event_type: not a line of EVE"))
        .when(~whole)
        .then(pl.lit("the JSON does not end"))
        .when(stamp.is_null())
        .then(pl.lit("no timestamp that is understood"))
        .alias(REJECT),
        (pl.col("kind").is_null() & ~foreign & whole & stamp.is_not_null()).alias(SKIP),
    ]


def _who() -> list[pl.Expr]:
    def side(ours: pl.Expr, other: pl.Expr) -> pl.Expr:
        return pl.when("turned").then(other).otherwise(ours)

    source, destination = f.address("src_ip"), f.address("dest_ip")
    left, right = f.port("src_port"), f.port("dest_port")
    protocol = pl.col("event_type").replace_strict(_TLS, default=None, return_dtype=pl.String)
    app = pl.when(~pl.col("app_proto").is_in(["failed", "unknown"])).then("app_proto")
    return [
        pl.coalesce(f.address("assigned_ip"), side(source, destination)).alias("source_ip"),
        side(left, right).alias("source_port"),
        pl.coalesce(f.mac("client_mac"), side(f.mac("src_mac"), f.mac("dest_mac"))).alias("source_mac"),
        pl.when(pl.col("event_type") == "dhcp").then("hostname").alias("host_name"),
        side(destination, source).alias("destination_ip"),
        side(right, left).alias("destination_port"),
        f.transport("proto").alias("network_transport"),
        pl.coalesce(protocol, app).alias("network_protocol"),
    ]


def _content() -> list[pl.Expr]:
    status = pl.col("status").cast(pl.Int32, strict=False)
    return [
        pl.col("address").alias("url_full"),
        *(pl.col(name) for name in ("url_scheme", "url_domain", "url_path", "url_query")),
        pl.col("http_method").alias("http_request_method"),
        pl.when(status.is_between(100, 599)).then(status).alias("http_response_status_code"),
        pl.col("http_content_type").alias("http_response_mime_type"),
        pl.col("http_refer").alias("http_request_referrer"),
        pl.col("http_user_agent").alias("user_agent_original"),
        f.number("bytes_toserver").alias("source_bytes"),
        pl.coalesce(f.number("bytes_toclient"), f.number("length")).alias("destination_bytes"),
        f.seconds("age").alias("event_duration"),
        clean_host("rrname").alias("dns_question_name"),
        pl.col("rrtype").alias("dns_question_type"),
        pl.col("rcode").alias("dns_response_code"),
        pl.col("answers").alias("dns_answers"),
        clean_host("sni").alias("tls_server_name"),
        pl.col("ja4").alias("tls_client_ja4"),
    ]


def _verdict() -> list[pl.Expr]:
    kind = pl.col("event_type")
    said = f.outcome(
        pl.col("action"), "allowed|pass|alert", "blocked|drop|reject|rejectboth|rejectsrc|rejectdst"
    )
    reached = (
        ((kind == "http") & pl.col("status").is_not_null())
        | ((kind == "dns") & (pl.col("rcode") == "NOERROR"))
        | ((kind == "flow") & pl.col("state").is_in(["established", "closed"]))
    )
    return [
        pl.coalesce("action", "type", "state").alias("event_action"),
        pl.when(kind == "drop")
        .then(pl.lit("blocked"))
        .when(pl.col("action").is_not_null())
        .then(said)
        .when((kind == "dns") & (pl.col("rcode") == "REFUSED"))
        .then(pl.lit("blocked"))
        .when(reached)
        .then(pl.lit("allowed"))
        .otherwise(pl.lit("unknown"))
        .alias("event_outcome"),
        pl.col("signature_id").alias("rule_name"),
        (pl.lit("attack: ") + pl.col("signature")).alias("rule_category"),
    ]


FORMAT: Final = Format(
    name="suricata", log_class="firewall", title="Suricata EVE log", looks=_LOOKS, doc=__doc__, parse=parse
)
