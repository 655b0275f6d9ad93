r"""
Cisco Umbrella (and Secure Access) cloud firewall log, the CSV that the service puts into an S3 bucket.

    "2026-01-12 08:45:01","[211039844]","Main Site","CDFW Tunnel Device","OUTBOUND","6","84","10.20.4.31","50123","192.0.2.7","443","lon1.edc","12","BLOCK",...

Fields stand in quotes, or, in older versions, do not; newer versions add fields at the end. A line of headers is passed over.
Reference: https://docs.umbrella.com/umbrella-user-guide/docs/cloud-firewall-log-formats

What it fills: time (UTC), client and server with ports, transport, verdict, the rule's number (`rule_name`); where the log has
them, bytes and the name of the site that the rule named, if it was one.

Who it was: the identity is the tunnel through which the school sends its traffic, which is nobody; but where its type is a
user's, it is the account, and where it is a computer's, the device.

The outcome: ALLOW is allowed, BLOCK blocked, any other word unknown.

Lacks: application, account in most schools. Caveats: the size is that of one packet, so it is not taken for the bytes of the
connection; the log arrives up to ten minutes late.

Checked on 2 real lines against an independent parse.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.core.hosts import clean_host
from aup_monitor.core.schema import TIME
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.delimited import cells
from aup_monitor.formats.fields import address, number, outcome, port, transport

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_NAMES: Final = (
    *("time", "origins", "identity", "kind", "direction", "protocol", "size", "source", "source_port"),
    *("server", "server_port", "centre", "rule", "verdict", "names", "lists", "first", "last"),
    *("packets_sent", "packets_received", "sent", "received"),
)
_HEADER: Final = r'(?i)^"?timestamp"?,'
_CELL: Final = r'(?:"[^"]*"|[^",]*)'
_MAIL: Final = r"\(([^()\s,@]+@[^()\s,]+)\)"


_LOOKS: Final = rf'^"?\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d"?, ?"?\[[\d, ]*\]"?, ?{_CELL}, ?{_CELL}, ?"?[A-Z]*BOUND"?, ?"?\d+"?,'


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:  # noqa: ARG001 - the log is in UTC
    """Turn lines into events; see the module's page."""
    moment = pl.col("time").str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False)
    of_user = pl.col("kind").str.contains("(?i)user")
    of_device = pl.col("kind").str.contains("(?i)computer|client|chromebook") & ~of_user
    person = pl.when(of_user).then("identity")
    return (
        lines.with_columns(pl.col("line").str.replace_all('", "', '","', literal=True))
        .pipe(cells, "line", _NAMES)
        .with_columns(
            pl.coalesce(person.str.extract(_MAIL), person).alias("account"),
            pl.when(~pl.col("names").str.contains(",", literal=True)).then("names").alias("names"),
        )
        .select(
            "offset",
            moment.dt.replace_time_zone("UTC").cast(TIME).alias("timestamp"),
            pl.lit("Cisco").alias("observer_vendor"),
            pl.lit("Umbrella").alias("observer_product"),
            pl.col("verdict").alias("event_action"),
            outcome(pl.col("verdict"), "allow|allowed", "block|blocked").alias("event_outcome"),
            address("source").alias("source_ip"),
            port("source_port").alias("source_port"),
            pl.when(of_device).then("identity").alias("host_name"),
            split_account("account").struct.field("user_name", "user_domain"),
            address("server").alias("destination_ip"),
            port("server_port").alias("destination_port"),
            transport("protocol").alias("network_transport"),
            clean_host("names").alias("url_domain"),
            number("sent").alias("source_bytes"),
            number("received").alias("destination_bytes"),
            pl.col("rule").alias("rule_name"),
            _reject(),
            pl.col("line").str.contains(_HEADER).alias(SKIP),
        )
    )


def _reject() -> pl.Expr:
    cut = pl.any_horizontal(pl.col("time", "direction", "source", "server", "verdict").is_null())
    other = ~pl.col("direction").str.ends_with("BOUND").fill_null(value=False)
    return (
        pl.when((cut | other) & ~pl.col("line").str.contains(_HEADER))
        .then(pl.lit("not the fields of Umbrella's cloud firewall log"))
        .alias(REJECT)
    )


FORMAT: Final = Format(
    name="umbrella-firewall",
    log_class="firewall",
    title="Cisco Umbrella cloud firewall log",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
)
