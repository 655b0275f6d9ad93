r"""
Cisco IOS and IOS XE syslog of routers and switches: access lists, the zone firewall, log-ons and 802.1X.

    <190>Jan 14 10:14:10 sw-core 1663303: Jan 14 10:14:09.326: %SEC-6-IPACCESSLOGP: list PUPILS denied tcp
    10.20.4.31(61930) (Vlan20 0000.5e00.5301) -> 203.0.113.9(443), 1 packet                        (one line)

Reads the lines of access lists with `log` or `log-input` (IPACCESSLOG..., also of IPv6 and of IOS XE), the firewall's sessions
(SESS_AUDIT_TRAIL, DROP_PKT, PASS_PKT), log-ons to the device (SEC_LOGIN) and of devices at a port (AUTHMGR, DOT1X, MAB,
SESSION_MGR). All other messages are passed over.
Reference: https://www.cisco.com/c/en/us/support/docs/security/ios-firewall/23602-confaccesslists.html and
https://www.cisco.com/c/en/us/td/docs/ios-xml/ios/sec_data_acl/configuration/xe-16/sec-data-acl-xe-16-book.html

Class: log-ons are `auth`, the rest `firewall`; `event_code` is Cisco's name for the message.
Time: the device's own by its zone where that is a European abbreviation, else in the configured zone; the envelope's where
the device has none or says (`*`) that its clock is not set.
Fills: outcome, both ends, ports, transport, hardware address (`log-input`), bytes of sessions, account, access list or
zone pair (`rule_name`).

Caveats: an access list's line stands for the packets of up to five minutes, and is logged again with their number. Lines that
the device left out (`rate-limited or missed`) are not known. Of 802.1X only the hardware address is logged.
Checked on 34 real lines of access lists against an independent parse; the rest from documentation and 8 lines that others
published, read by hand.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.core.schema import TIME
from aup_monitor.formats import fields as f
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.pieces import groups
from aup_monitor.formats.syslog import time_without_year, utc_of_local

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_FACILITIES: Final = (
    "AAA|AUTHMGR|BGP|CDP|CRYPTO|DHCP_SNOOPING|DOT1X|DUAL|EC|EPM|ETHCNTR|FMANFP|FW|HSRP|IKEV2|ILPOWER|IOSXE|IPV6|"
    "IPV6_ACL|LINEPROTO|LINK|MAB|NTP|OSPF|PARSER|PLATFORM|PM|PORT_SECURITY|SEC|SEC_LOGIN|SESSION_MGR|SISF|SNMP|SPANTREE|"
    "SSH|STACKMGR|STP|SW_MATM|SYS|UDLD|VLAN"
)
_HEAD: Final = r"^(?<before>.*?)%(?<facility>[A-Z][A-Z0-9_]*)(?:-[A-Z0-9_]+)?-[0-7]-(?<code>[A-Z][A-Z0-9_]*): (?<text>.*)$"
_STAMP: Final = r"(?<clock>\*?)(?:(?<yearless>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d)|(?<dated>[A-Z][a-z]{2} +\d{1,2} \d{4} \d\d:\d\d:\d\d))(?:\.\d+)?(?: (?<zone>[A-Z]{2,5}))?: *$"
_SENT: Final = r"^(?:<\d{1,3}>)?([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S+) "
_MACHINE: Final = rf"{_SENT}([^\s:]+) "
_LIST: Final = (
    r"list (?<list>\S+) (?<list_action>permitted|denied) (?:(?<list_protocol>[a-z0-9]+) )?(?<list_left>[0-9A-Fa-f.:]+)"
    r"(?:\((?<list_left_port>\d+)\))?(?: \(\S*? ?(?<hardware>[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4})?\))?"
    r"(?: ?-> (?<list_right>[0-9A-Fa-f.:]+)(?:\((?<list_right_port>\d+)\))?)?"
)
_SESSION: Final = (
    r"^(?<session_action>Start|Stop) (?<session_protocol>\S+) session: initiator \((?<session_left>[0-9A-Fa-f.:]+):"
    r"(?<session_left_port>\d+)\)(?: sent (?<sent>\d+) bytes)? -- responder \((?<session_right>[0-9A-Fa-f.:]+):"
    r"(?<session_right_port>\d+)\)(?: sent (?<received>\d+) bytes)?"
)
_PACKET: Final = (
    r"(?<packet_action>Dropping|Passing) (?<packet_protocol>\S+) (?:session|pkt|packet) (?<packet_left>[0-9A-Fa-f.:]+):"
    r"(?<packet_left_port>\d+) (?:=> ?)?(?<packet_right>[0-9A-Fa-f.:]+):(?<packet_right_port>\d+) "
    r"(?:on zone-pair (?<pair>\S+))?"
)
_LOG_ON: Final = r"\[user: ?(?<user>[^\]]*)\] \[Source: ?(?<from>[^\]]*)\]"
_CLIENT: Final = r"for client \((?<client>[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4})\)"
_DOTTED: Final = r"^(..)(..)\.(..)(..)\.(..)(..)$"

_LOOKS: Final = rf"%(?:{_FACILITIES})(?:-[A-Z0-9_]+)?-[0-7]-[A-Z][A-Z0-9_]*: "


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    code, text = pl.col("code"), pl.col("text")
    return (
        groups(lines, "line", _HEAD)
        .with_columns(
            pl.when(code.str.contains("ACCESSLOG")).then(text).alias("of_list"),
            pl.when(code.str.starts_with("SESS_AUDIT")).then(text).alias("of_session"),
            pl.when(code.str.ends_with("_PKT")).then(text).alias("of_packet"),
            pl.when(pl.col("facility") == "SEC_LOGIN").then(text).alias("of_log_on"),
            pl.when(pl.col("facility").is_in(["AUTHMGR", "DOT1X", "MAB", "SESSION_MGR"]))
            .then(text)
            .alias("of_client"),
        )
        .pipe(groups, "of_list", _LIST)
        .pipe(groups, "of_session", _SESSION)
        .pipe(groups, "of_packet", _PACKET)
        .pipe(groups, "of_log_on", _LOG_ON)
        .pipe(groups, "of_client", _CLIENT)
        .pipe(groups, "before", _STAMP)
        .with_columns(
            split_account("user").struct.field("user_name", "user_domain"),
            pl.coalesce("list_protocol", "session_protocol", "packet_protocol").alias("protocol"),
            pl.col("line").str.extract(_SENT).alias("sent_at"),
        )
        .with_columns(_time(context))
        .select("offset", *_what(), *_ends(), *_verdict())
    )


def _time(context: Context) -> pl.Expr:
    """Return the device's own time, unless it says that its clock is not set; else the envelope's."""
    in_utc = replace(context, zone="UTC")
    hours = pl.col("zone").replace_strict(f.ZONES, default=None, return_dtype=pl.Int32)
    dated = (
        pl.col("dated")
        .str.replace(" +", " ")
        .str.to_datetime("%b %e %Y %H:%M:%S", time_unit="us", strict=False)
    )
    ahead = pl.duration(hours=hours)
    own = pl.coalesce(
        time_without_year("yearless", in_utc) - ahead,
        time_without_year("yearless", context),
        dated.dt.replace_time_zone("UTC") - ahead,
        utc_of_local(dated, context.zone),
    )
    iso = pl.col("sent_at").str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False)
    received = pl.coalesce(iso, time_without_year("sent_at", context))
    return (
        pl.when(pl.col("clock") == "*")
        .then(pl.coalesce(received, own))
        .otherwise(pl.coalesce(own, received))
        .cast(TIME)
        .alias("timestamp")
    )


def _what() -> list[pl.Expr]:
    read = pl.any_horizontal(
        pl.col("list_left", "session_left", "packet_left", "from", "client").is_not_null()
    )
    log_on = pl.col("of_log_on").is_not_null() | pl.col("of_client").is_not_null()
    known = pl.col("code").is_not_null() & pl.col("timestamp").is_not_null()
    return [
        pl.col("timestamp"),
        pl.when(log_on).then(pl.lit("auth")).otherwise(pl.lit("firewall")).alias("log_class"),
        pl.col("code").alias("event_code"),
        pl.lit("Cisco").alias("observer_vendor"),
        pl.lit("IOS").alias("observer_product"),
        pl.col("line").str.extract(_MACHINE, 2).alias("observer_name"),
        pl.when(pl.col("code").is_null())
        .then(pl.lit("no %FACILITY-number-NAME: of a Cisco device"))
        .when(pl.col("timestamp").is_null())
        .then(pl.lit("no time before the message that is understood"))
        .alias(REJECT),
        (known & ~read).alias(SKIP),
    ]


def _ends() -> list[pl.Expr]:
    hardware = pl.coalesce("hardware", "client").str.replace(_DOTTED, "$1:$2:$3:$4:$5:$6")
    sides = ("list", "session", "packet")
    # Of ICMP the type stands where the port is.
    ported = pl.when(pl.col("protocol") != "icmp")
    return [
        pl.coalesce(*(f.address(f"{side}_left") for side in sides), f.address("from")).alias("source_ip"),
        ported.then(pl.coalesce(f.port(f"{side}_left_port") for side in sides)).alias("source_port"),
        pl.coalesce(f.address(f"{side}_right") for side in sides).alias("destination_ip"),
        ported.then(pl.coalesce(f.port(f"{side}_right_port") for side in sides)).alias("destination_port"),
        hardware.alias("source_mac"),
        f.transport("protocol").alias("network_transport"),
        f.number("sent").alias("source_bytes"),
        f.number("received").alias("destination_bytes"),
        pl.col("user_name"),
        pl.col("user_domain"),
    ]


def _verdict() -> list[pl.Expr]:
    word = pl.coalesce("list_action", "session_action", "packet_action", "code")
    refused = pl.col("code").str.contains("FAIL") | pl.col("text").str.contains("(?i)failed")
    log_on = pl.col("of_log_on").is_not_null() | pl.col("of_client").is_not_null()
    granted = pl.when(refused).then(pl.lit("blocked")).otherwise(pl.lit("allowed"))
    return [
        word.alias("event_action"),
        pl.when(log_on)
        .then(granted)
        .otherwise(f.outcome(word, "permitted|start|stop|passing", "denied|dropping"))
        .fill_null("unknown")
        .alias("event_outcome"),
        pl.coalesce("list", "pair").alias("rule_name"),
    ]


FORMAT: Final = Format(
    name="cisco-ios",
    log_class="firewall",
    title="Cisco IOS syslog",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
)
