r"""
Zeek logs dns.log, ssl.log, quic.log, conn.log, http.log and dhcp.log, as tab-separated text or as JSON lines.

    #separator \x09
    #fields<TAB>ts<TAB>uid<TAB>id.orig_h<TAB>id.orig_p<TAB>id.resp_h<TAB>id.resp_p<TAB>...<TAB>query<TAB>...
    1772705649.052907<TAB>CHhAvV1<TAB>10.20.4.31<TAB>51946<TAB>10.20.0.2<TAB>53<TAB>...<TAB>casino.example<TAB>...

    {"ts":1772705649.052907,"uid":"CHhAvV1","id.orig_h":"10.20.4.31","id.orig_p":61930,"id.resp_h":"203.0.113.9",
    "id.resp_p":443,"version":"TLSv13","server_name":"casino.example","established":true}     (one line)

Zeek (formerly Bro) listens at a mirror port of the switch. The `#fields` line drives the columns, and each new one
in a file (rotation, a changed script) those of the lines after it; JSON needs none. `ts` is seconds since 1970 or ISO 8601.
Reference: https://docs.zeek.org/en/master/script-reference/log-files.html

Fills, always: addresses, ports, time.
- zeek-dns (class dns): question, type, response code, answers; duration of the answer. A refused query is blocked, one
  answered NOERROR allowed, others unknown (NXDOMAIN may be a filter's word or a slip of the keyboard).
- zeek-ssl (class firewall): server name (SNI), JA4 where that script is loaded. An established session is allowed; else
  unknown: it was reset, or Zeek did not see the end of its handshake.
- zeek-quic (class firewall): server name (SNI). A session that the server answered is allowed; else unknown. Zeek writes
  it to ssl.log, too.
- zeek-conn (class firewall): transport, protocol, duration, payload bytes; `event_action` is Zeek's `conn_state`.
- zeek-http (class web): method, address, status, referrer, user agent, media type, body bytes, account if any.
- zeek-dhcp (class dhcp): hardware address, device name, the address given and from when until when, or that it was given
  back; `event_action` is the messages exchanged. An exchange that ends in ACK is allowed, in NAK blocked.
Lacks: account (but for basic authentication over http) and device name; join with address leases.
Caveats: where the file says other signs than `-` and `(empty)` for unset and empty, those are read as values. With
Encrypted Client Hello the SNI is the provider's. ssl.log does not say whether TLS ran over TCP or QUIC.
Checked on real lines: 60 of JSON of dns, ssl, conn and http and 3 of dhcp against an independent parse; quic on no line but
those of Zeek's own test results, whose times are crossed out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final

import polars as pl

from aup_monitor.core.format import LEASE_FROM, LEASE_TO, REJECT, SKIP, Context, Format, share_of_lines
from aup_monitor.core.hosts import clean_host
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.epochs import of_seconds
from aup_monitor.formats.fields import mac
from aup_monitor.formats.firewall._zeek_fields import BAD, HEADER, fields, header_names

_SHARED: Final = ("_path", "ts", "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "proto")
_TLS: Final = {"ssl": "tls"}


@dataclass(frozen=True)
class _Log:
    """One of Zeek's logs: which fields it has and what they fill."""

    path: str
    """Zeek's name for it, as in `#path` and `_path`."""
    log_class: str
    mark: str
    """A field that no other of Zeek's logs has."""
    names: tuple[str, ...]
    """The fields to read beyond the shared ones; the mark need not be among them."""
    columns: tuple[pl.Expr, ...]
    """The event columns beyond the shared ones."""
    mark_in_json: str = ""
    """The mark of its JSON lines, where the first is not only its own."""
    others: tuple[str, ...] = ()
    """Fields of other logs that have its mark, too."""
    about: str = "id.orig_h"
    """A field that all its lines have; of a log about connections the client's address."""


def _sniff(log: _Log, head: bytes) -> float:
    """Return 1 where the `#fields` line is that of this log, else the share of JSON lines that are its."""
    headers = [line for line in head.decode("utf-8", "replace").splitlines() if line.startswith(HEADER)]
    if headers:
        names = set(header_names(headers[0]))
        return float({log.about, log.mark} <= names and not names & set(log.others))
    return share_of_lines(head, _looks(log))


def _looks(log: _Log) -> str:
    """Return what a JSON line of the log looks like; one of columns says nothing by itself."""
    about = rf'"{log.about.replace(".", "[._]")}":'
    mark = rf'"{log.mark_in_json or log.mark}":'
    return rf"^\{{.*(?:{mark}.*{about}|{about}.*{mark})"


def _parse(log: _Log, lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    raw = fields(lines, context.header, (*_SHARED, *log.names)).with_columns(_time())
    return raw.select(
        "offset",
        _reject(log, context.header),
        pl.col("comment").alias(SKIP),
        "timestamp",
        pl.lit(log.log_class).alias("log_class"),
        pl.lit("Zeek").alias("observer_vendor"),
        pl.lit("Zeek").alias("observer_product"),
        *(_ends() if log.about == "id.orig_h" else []),
        *log.columns,
    )


def _ends() -> list[pl.Expr]:
    return [
        pl.col("id.orig_h").str.to_lowercase().alias("source_ip"),
        _port("id.orig_p").alias("source_port"),
        pl.col("id.resp_h").str.to_lowercase().alias("destination_ip"),
        _port("id.resp_p").alias("destination_port"),
    ]


def _time() -> pl.Expr:
    iso = pl.col("ts").str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_unit="us", strict=False)
    return pl.coalesce(of_seconds(pl.col("ts")), iso.dt.replace_time_zone("UTC")).alias("timestamp")


def _reject(log: _Log, header: str | None) -> pl.Expr:
    """Return why a line is bad: its form, its log or its time."""
    names = header_names(header)
    other = pl.col("_path") != log.path
    return (
        pl.when("comment")
        .then(None)
        .when(pl.col(BAD).is_not_null())
        .then(BAD)
        .when(other | pl.lit(bool(names) and log.mark not in names) & ~pl.col("json"))
        .then(pl.lit(f"a line of another of Zeek's logs than {log.path}.log"))
        .when(pl.col("timestamp").is_null())
        .then(pl.lit("no ts, or one that is no time"))
        .alias(REJECT)
    )


def _page() -> list[pl.Expr]:
    """Return the address columns of an http request; its `uri` is a path, or whole where it went to a proxy."""
    uri, tunnel = pl.col("uri"), (pl.col("method") == "CONNECT").fill_null(value=False)
    whole = pl.when(uri.str.contains("^[A-Za-z]+://")).then("uri").otherwise("http://" + pl.col("host") + uri)
    return [
        # The host of a whole address outweighs the Host header (RFC 9112, 3.2.2).
        pl.coalesce(
            uri.str.extract("^[A-Za-z]+://(?:[^/@]*@)?([^/:?]+)").str.to_lowercase(), clean_host("host")
        ).alias("url_domain"),
        pl.when(~tunnel).then(whole).alias("url_full"),
        pl.when(~tunnel)
        .then(
            pl.coalesce(
                uri.str.extract("^([A-Za-z]+)://").str.to_lowercase(),
                pl.when(pl.col("host").is_not_null()).then(pl.lit("http")),
            )
        )
        .alias("url_scheme"),
        uri.str.extract(r"^(?:[A-Za-z]+://[^/?]*)?(/[^?]*)").alias("url_path"),
        uri.str.extract(r"\?(.+)$").alias("url_query"),
    ]


def _port(name: str) -> pl.Expr:
    """Return a port; of ICMP the two fields hold type and code instead."""
    return pl.when(pl.col("proto").ne_missing("icmp")).then(name).cast(pl.Int32, strict=False)


def _nanos(name: str) -> pl.Expr:
    seconds = pl.col(name).cast(pl.Float64, strict=False)
    return (seconds * 1e9).round().cast(pl.Int64, strict=False).alias("event_duration")


def _number(name: str, alias: str, dtype: type[pl.Int32 | pl.Int64] = pl.Int64) -> pl.Expr:
    return pl.col(name).cast(dtype, strict=False).alias(alias)


def _outcome(allowed: pl.Expr, blocked: pl.Expr | None = None) -> pl.Expr:
    refused = pl.lit(False) if blocked is None else blocked
    return (
        pl.when(refused)
        .then(pl.lit("blocked"))
        .when(allowed)
        .then(pl.lit("allowed"))
        .otherwise(pl.lit("unknown"))
        .alias("event_outcome")
    )


def _true(name: str) -> pl.Expr:
    return pl.col(name).is_in(["T", "true"])


_DNS: Final = _Log(
    path="dns",
    log_class="dns",
    mark="trans_id",
    names=("rtt", "query", "qtype_name", "rcode_name", "answers", "rejected"),
    columns=(
        pl.col("query").str.to_lowercase().str.strip_chars_end(".").alias("dns_question_name"),
        pl.col("qtype_name").alias("dns_question_type"),
        pl.col("rcode_name").alias("dns_response_code"),
        pl.col("answers").alias("dns_answers"),
        pl.col("proto").str.to_lowercase().alias("network_transport"),
        pl.lit("dns").alias("network_protocol"),
        _nanos("rtt"),
        _outcome(pl.col("rcode_name") == "NOERROR", _true("rejected") | (pl.col("rcode_name") == "REFUSED")),
    ),
)

_SSL: Final = _Log(
    path="ssl",
    log_class="firewall",
    mark="established",
    names=("version", "server_name", "established", "ja4"),
    columns=(
        clean_host("server_name").alias("tls_server_name"),
        pl.col("ja4").alias("tls_client_ja4"),
        pl.lit("tls").alias("network_protocol"),
        pl.when(pl.col("version").str.starts_with("DTLS")).then(pl.lit("udp")).alias("network_transport"),
        _outcome(_true("established")),
    ),
)

_QUIC: Final = _Log(
    path="quic",
    log_class="firewall",
    mark="client_initial_dcid",
    names=("server_name", "history"),
    columns=(
        clean_host("server_name").alias("tls_server_name"),
        pl.lit("quic").alias("network_protocol"),
        pl.lit("udp").alias("network_transport"),
        # Small letters are the server's packets: its hello, its handshake.
        _outcome(pl.col("history").str.contains("[sh]")),
    ),
)

_CONN: Final = _Log(
    path="conn",
    log_class="firewall",
    mark="conn_state",
    names=("service", "duration", "orig_bytes", "resp_bytes", "conn_state", "orig_l2_addr"),
    columns=(
        pl.col("proto").str.to_lowercase().alias("network_transport"),
        pl.col("service").str.to_lowercase().replace(_TLS).alias("network_protocol"),
        pl.col("conn_state").alias("event_action"),
        pl.col("orig_l2_addr").str.to_lowercase().alias("source_mac"),
        _number("orig_bytes", "source_bytes"),
        _number("resp_bytes", "destination_bytes"),
        _nanos("duration"),
        # The states in which the server answered; the others are attempts, or connections seen in part.
        _outcome(pl.col("conn_state").is_in(["SF", "S1", "S2", "S3", "RSTO", "RSTR"])),
    ),
)

_HTTP: Final = _Log(
    path="http",
    log_class="web",
    mark="trans_depth",
    mark_in_json="tags",
    others=("call_id", "mailfrom"),  # of sip and smtp, which count their trans_depth, too
    names=(
        *("method", "host", "uri", "referrer", "user_agent", "username", "status_code"),
        *("request_body_len", "response_body_len", "resp_mime_types"),
    ),
    columns=(
        pl.col("method").alias("http_request_method"),
        *_page(),
        pl.col("referrer").alias("http_request_referrer"),
        pl.col("user_agent").alias("user_agent_original"),
        split_account("username").struct.field("user_name", "user_domain"),
        pl.col("resp_mime_types").str.extract("^([^,]+)").alias("http_response_mime_type"),
        _number("status_code", "http_response_status_code", pl.Int32),
        _number("request_body_len", "source_bytes"),
        _number("response_body_len", "destination_bytes"),
        pl.lit("tcp").alias("network_transport"),
        pl.lit("http").alias("network_protocol"),
        _outcome(pl.col("status_code").is_not_null()),
    ),
)


def _leases() -> list[pl.Expr]:
    """Return from when and until when the address is held, by the last message that says something of it."""
    last = pl.col("msg_types").str.extract(r".*\b(ACK|NAK|DECLINE|RELEASE)\b")
    given = (last == "ACK") & pl.col("assigned_addr").is_not_null()
    seconds = pl.col("lease_time").cast(pl.Float64, strict=False)
    # No lease is longer than DHCP's 32 bits, and such a one never ends.
    lasts = pl.when(seconds.is_between(1, 2**32 - 2)).then(seconds * 1e6).cast(pl.Int64, strict=False)
    until = pl.col("timestamp") + pl.duration(microseconds=lasts)
    return [
        pl.when(given).then("timestamp").alias(LEASE_FROM),
        pl.when(given).then(until).when(last == "RELEASE").then("timestamp").alias(LEASE_TO),
        _outcome(last == "ACK", last == "NAK"),
    ]


_DHCP: Final = _Log(
    path="dhcp",
    log_class="dhcp",
    mark="msg_types",
    about="uids",
    names=(
        *("client_addr", "server_addr", "mac", "host_name", "client_fqdn", "assigned_addr", "lease_time"),
        "msg_types",
    ),
    columns=(
        pl.coalesce("assigned_addr", "client_addr").str.to_lowercase().alias("source_ip"),
        pl.col("server_addr").str.to_lowercase().alias("destination_ip"),
        mac("mac").alias("source_mac"),
        pl.coalesce("host_name", "client_fqdn").alias("host_name"),
        pl.col("msg_types").alias("event_action"),
        pl.lit("udp").alias("network_transport"),
        pl.lit("dhcp").alias("network_protocol"),
        *_leases(),
    ),
)


def _format(log: _Log) -> Format:
    return Format(
        name=f"zeek-{log.path}",
        log_class=log.log_class,
        title=f"Zeek {log.path}.log",
        sniff=partial(_sniff, log),
        looks=_looks(log),
        doc=__doc__ or "",
        parse=partial(_parse, log),
        header=HEADER.encode(),
    )


CONN: Final = _format(_CONN)
DHCP: Final = _format(_DHCP)
DNS: Final = _format(_DNS)
HTTP: Final = _format(_HTTP)
QUIC: Final = _format(_QUIC)
SSL: Final = _format(_SSL)
