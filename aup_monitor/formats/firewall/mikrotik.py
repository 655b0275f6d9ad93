r"""
MikroTik RouterOS log (topics `firewall`, `account`, `system`), as the router sends it by syslog.

    2026-01-14T10:14:09+00:00 gw firewall,info drop-out forward: in:bridge out:ether1, connection-state:new src-mac
    00:00:5e:00:53:01, proto TCP (SYN), 10.20.4.31:61930->203.0.113.9:1194, len 60                 (one line)

Reference: https://help.mikrotik.com/docs/spaces/ROS/pages/328094/Log

Reads packets of filter rules that log, log-ons to the router (`login failure`, `logged in`), and leases (`assigned ... to`).
Lines of other topics are passed over.
Fills: both ends (IPv6 too), ports, transport, the client's hardware address, bytes of the packet; `rule_name` is the rule's log prefix.

The outcome is what the prefix says (drop, block, deny, reject; accept, allow, pass), since RouterOS does not say what the rule did;
a prefix that says neither, and none, is unknown.

Caveats: the BSD form of time has no year and no zone: the site's, by the file's last change. A packet that was translated is told
with its addresses before. The topics `web-proxy` and `dns` are not read.
Checked on 34 real lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.formats import fields as f
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.pieces import groups
from aup_monitor.formats.syslog import unwrap

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_PACKET: Final = (
    r"(?:firewall,\w+ |^(?:<\d+>)?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S+ )(?:(?<prefix>[^,]{0,60}?) )?(?:input|output|forward|prerouting|postrouting|srcnat|dstnat): in:(?<in>.+?) out:.+?,? "
    r"(?:connection-state:\S+ )?(?:src-mac (?<mac>[0-9A-Fa-f:]{17}), )?proto (?<proto>[A-Za-z0-9-]+)(?: \([^)]*\))?, "
    r"\[?(?<source>[0-9A-Fa-f.:]+?)\]?(?::(?<source_number>\d+))?->"
    r"\[?(?<destination>[0-9A-Fa-f.:]+?)\]?(?::(?<destination_number>\d+))?, (?:NAT .*?, )?len (?<size>\d+)"
)
_LOG_ON: Final = r"(?:(?<failed>login failure for) )?user (?<who>\S+)(?: (?<done>logged (?:in|out)))? from (?<where>[0-9A-Fa-f.:]+) via (?<via>\S+)"
_LEASE: Final = (
    r"assigned (?<leased>[0-9A-Fa-f.:]+) (?:to|for) (?<lease_mac>[0-9A-Fa-f:]{17})(?: (?<lease_host>\S+))?"
)
_TOPICS: Final = (
    r"(?:firewall|system|account|dhcp|wireless|interface|script|ppp|l2tp|ipsec|critical|error|info|route)"
)


_LOOKS: Final = (
    rf"(?:^| |>){_TOPICS}(?:,\w+)*,(?:info|error|warning|critical|debug|account)\S* .*"
    r"|(?:input|forward|output): in:.+ out:.+ proto [A-Z]+.*, \S+->\S+, len \d+"
)


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    known = (
        unwrap(lines, context)
        .pipe(groups, "line", _PACKET)
        .with_columns(pl.when(pl.col("source").is_null()).then("line").alias("other"))
        .pipe(groups, "other", _LOG_ON)
        .pipe(groups, "other", _LEASE)
    )
    has_ports = pl.col("proto").str.to_lowercase().is_in(["tcp", "udp"])
    packet = pl.col("source").is_not_null()
    return known.with_columns(
        split_account("who").struct.field("user_name", "user_domain"), _verdict()
    ).select(
        "offset",
        "timestamp",
        _log_class(),
        pl.coalesce("prefix", "failed", "done").alias("event_action"),
        "event_outcome",
        pl.lit("MikroTik").alias("observer_vendor"),
        pl.lit("RouterOS").alias("observer_product"),
        pl.col("line")
        .str.extract(r"^(?:<\d+>)?(?:[A-Z][a-z]{2} [ \d]\d [\d:]+|\d{4}-\S+T\S+) (\S+) ")
        .alias("observer_name"),
        pl.coalesce(f.address("source"), f.address("where"), f.address("leased")).alias("source_ip"),
        pl.when(has_ports).then(f.port("source_number")).alias("source_port"),
        pl.coalesce(f.mac("mac"), f.mac("lease_mac")).alias("source_mac"),
        pl.col("lease_host").alias("host_name"),
        "user_name",
        "user_domain",
        f.address("destination").alias("destination_ip"),
        pl.when(has_ports).then(f.port("destination_number")).alias("destination_port"),
        f.transport("proto").replace("icmpv6", "ipv6-icmp").alias("network_transport"),
        f.number("size").alias("source_bytes"),
        pl.when(packet).then("prefix").alias("rule_name"),
        pl.when(pl.col("timestamp").is_null())
        .then(pl.lit("no time before the topics that is understood"))
        .alias(REJECT),
        (
            pl.col("timestamp").is_not_null() & ~packet & pl.col("who").is_null() & pl.col("leased").is_null()
        ).alias(SKIP),
    )


def _log_class() -> pl.Expr:
    return (
        pl.when(pl.col("source").is_not_null())
        .then(pl.lit("firewall"))
        .when(pl.col("who").is_not_null())
        .then(pl.lit("auth"))
        .when(pl.col("leased").is_not_null())
        .then(pl.lit("dhcp"))
        .otherwise(pl.lit("firewall"))
        .alias("log_class")
    )


def _verdict() -> pl.Expr:
    prefix = pl.col("prefix")
    return (
        pl.when(prefix.str.contains("(?i)drop|block|den(?:y|ied)|reject") | pl.col("failed").is_not_null())
        .then(pl.lit("blocked"))
        .when(
            prefix.str.contains("(?i)accept|allow|pass")
            | pl.col("done").is_not_null()
            | pl.col("leased").is_not_null()
        )
        .then(pl.lit("allowed"))
        .otherwise(pl.lit("unknown"))
        .alias("event_outcome")
    )


FORMAT: Final = Format(
    name="mikrotik",
    log_class="firewall",
    title="MikroTik RouterOS log",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
)
