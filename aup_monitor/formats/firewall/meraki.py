r"""
Cisco Meraki syslog of MX, MR and Z devices: web requests, flows, security events, log-ons.

    <134>1 1768385649.270213422 MX84 urls src=10.20.4.31:63735 dst=203.0.113.9:443 mac=00:00:5E:00:53:01
    agent='Mozilla/5.0' request: UNKNOWN https://casino.example/...                                 (one line)

Reference: https://documentation.meraki.com/General_Administration/Monitoring_and_Reporting/Syslog_Event_Types_and_Log_Samples

Reads the roles URLs (`urls`), Flows (`flows`, `firewall`, `ip_flow_start`, `ip_flow_end`, ...), Security events
(`security_event`, `ids-alerts`, `security_filtering_...`) and, of Appliance and Wireless events, a page that content filtering blocked, leases,
and log-ons (802.1X, splash page, VPN). Others say nothing about a person or an address, and are passed over.

Class: `urls` and a blocked page are `web`, leases `dhcp`, log-ons `auth`, the rest `firewall`. Time: the device's own, UTC.
Fills: both ends, ports, hardware address, transport, method, site, path, browser, account, the category of a blocked
page (`rule_category`), the rule's pattern (`rule_name`), `attack: MESSAGE` or `virus: NAME` of security events.

Outcome: allow and deny (of an inbound flow 0 and 1), `decision` or `action` of a security event, blocked for a page that content filtering blocked.
`urls` is unknown: it tells of requests, also of those that were then blocked. A flow that began was allowed.

Caveats: of https only the host is seen (Meraki writes `https://host/...`). The webhook and dashboard (API) forms are other
formats. Checked on 6 real lines (security events); the rest from documentation, no real line seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.core.schema import TIME
from aup_monitor.formats import fields as f
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.pieces import groups
from aup_monitor.formats.urls import split_url

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_HEAD: Final = r"^(?<head>(?:.*?[ >])?(?<seconds>[0-9]{9,10}\.[0-9]{1,9}) (?<observer_name>\S+) (?<role>[a-z][a-z_-]+) ?)"
_ROLES: Final = (
    "urls|events|flows|firewall|ip_flow_start|ip_flow_end|cellular_firewall|vpn_firewall|l7_firewall|security_event|"
    "ids-alerts|security_filtering_file_scanned|security_filtering_disposition_change|airmarshal_events|"
    "bridge_anyconnect_client_vpn_firewall"
)
_FLOWS: Final = "flow|firewall"
_END: Final = r"^\[?(?<{0}_old>[0-9A-Fa-f:.]+?)\]?:(?<{0}_number>\d+)$"
_LEASE: Final = r"dhcp lease of ip (?<leased>\S+) .*?(?:for )?client mac (?<lease_mac>[0-9A-Fa-f:]{17})"
_PERSON: Final = (
    r"(?:user id|identity=|user_name=|username=) ?'(?<account>[^']+)'(?: local ip (?<inside>[0-9a-fA-F:.]+))?"
)
_UNKNOWN: Final = pl.lit("unknown")


_LOOKS: Final = rf"(?:^|[ >])\d{{9,10}}\.\d{{1,9}} \S+ (?:{_ROLES})(?: |$)"


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:  # noqa: ARG001 - a log in UTC needs none
    """Turn lines into events; see the module's page."""
    known = (
        groups(lines, "line", _HEAD)
        .with_columns(pl.when(pl.col("head").is_not_null()).then(_rest()).alias("rest"))
        # What a browser sent comes last; keys are looked for before it.
        .with_columns(pl.col("rest").str.replace(r"(?: agent=| ?request: | ?message: ).*$", "").alias("keys"))
        .with_columns(
            _key(key) for key in ("src", "dst", "sport", "dport", "mac", "client_mac", "protocol", "url")
        )
        .with_columns(
            _key(key) for key in ("name", "sha256", "action", "decision", "category0", "server", "dhost")
        )
        .pipe(_end, "src", "source")
        .with_columns(pl.coalesce("dst", "server").alias("dst"))
        .pipe(_end, "dst", "destination")
        .pipe(groups, "rest", _LEASE)
        .pipe(groups, "keys", _PERSON)
        .with_columns(_address())
        .with_columns(_kind())
    )
    return (
        split_url(known, "address")
        .with_columns(split_account("account").struct.field("user_name", "user_domain"))
        .select("offset", *_what(), *_ends(), *_page(), *_verdict())
    )


def _rest() -> pl.Expr:
    return pl.col("line").str.strip_prefix(pl.col("head"))


def _end(lines: pl.LazyFrame, column: str, side: str) -> pl.LazyFrame:
    """
    Add an end's address and port out of `address`, `address:port` or `[address]:port`.

    With a dot or a bracket the port is plain; of the rest, which may be IPv6 and nothing else, the whole is tried first.
    """
    old, number, found = f"{side}_old", f"{side}_number", f"{side}_found"
    plain = pl.col(number).is_not_null() & pl.col(column).str.contains(r"[.\[]")
    missing = pl.col(found).is_null()
    return (
        groups(lines, column, _END.format(side))
        .with_columns(pl.when(plain).then(old).otherwise(column).alias(found), plain.alias("plain"))
        .with_columns(f.address(found).alias(found))
        .with_columns(
            pl.when(missing).then(old).alias(old),
            pl.when(pl.col("plain") | missing).then(number).alias(number),
        )
        .with_columns(pl.coalesce(found, f.address(old)).alias(found))
        .drop("plain")
    )


def _key(key: str) -> pl.Expr:
    """Return the value of `key=value`, `key='a value'` or `key="a value"`."""
    value = pl.col("keys").str.extract(rf"""(?:^| ){key}=('[^']*'|"[^"]*"|[^ '"]+)""")
    return value.str.strip_chars("'\"").alias(key)


def _address() -> pl.Expr:
    asked = pl.when(pl.col("role") == "urls").then(pl.col("rest").str.extract(r"request: \S+ (\S+)"))
    return pl.coalesce(asked, "url").str.strip_suffix("...").alias("address")


def _kind() -> pl.Expr:
    role, rest = pl.col("role"), pl.col("rest")
    return (
        pl.when((role == "urls") | rest.str.starts_with("content_filtering_block"))
        .then(pl.lit("web"))
        .when(role.str.contains(f"{_FLOWS}|security|ids-alerts"))
        .then(pl.lit("firewall"))
        .when((role == "events") & pl.col("leased").is_not_null())
        .then(pl.lit("dhcp"))
        .when((role == "events") & pl.col("account").is_not_null())
        .then(pl.lit("auth"))
        .alias("kind")
    )


def _what() -> list[pl.Expr]:
    seconds = pl.col("seconds").cast(pl.Float64, strict=False)
    stamp = (
        pl.when(seconds.is_between(0, 4_102_444_800)).then((seconds * 1e6).round()).cast(pl.Int64).cast(TIME)
    )
    first = pl.col("rest").str.extract(r"^(?:type=)?'?([a-z0-9_]+)'?(?: |$)")
    nobody = pl.all_horizontal(pl.col("src", "leased", "account", "mac", "client_mac", "address").is_null())
    return [
        stamp.alias("timestamp"),
        pl.coalesce("kind", pl.lit("firewall")).alias("log_class"),
        pl.col("role").alias("event_code"),
        pl.when(pl.col("role").str.contains("flow|event")).then(first).alias("event_action"),
        pl.lit("Cisco").alias("observer_vendor"),
        pl.lit("Meraki").alias("observer_product"),
        pl.col("observer_name"),
        pl.when(stamp.is_null()).then(pl.lit("no time, device and role of a Meraki device")).alias(REJECT),
        (stamp.is_not_null() & (pl.col("kind").is_null() | nobody)).alias(SKIP),
    ]


def _ends() -> list[pl.Expr]:
    paired = pl.col("kind").is_in(["web", "firewall"])
    return [
        pl.coalesce("source_found", f.address("leased"), f.address("inside")).alias("source_ip"),
        pl.coalesce(f.port("sport"), f.port("source_number")).alias("source_port"),
        pl.coalesce(f.mac("client_mac"), f.mac("mac"), f.mac("lease_mac")).alias("source_mac"),
        pl.col("user_name"),
        pl.col("user_domain"),
        pl.when(paired).then("destination_found").alias("destination_ip"),
        pl.coalesce(f.port("dport"), f.port("destination_number"), "destination_port").alias(
            "destination_port"
        ),
        pl.when(pl.col("protocol").is_not_null())
        .then(pl.col("protocol").str.extract("^([a-z0-9]+)"))
        .alias("network_transport"),
    ]


def _page() -> list[pl.Expr]:
    seen = pl.col("url_scheme") != "https"
    method = pl.col("rest").str.extract(r"request: ([A-Z]+) ")
    return [
        pl.when(seen).then("address").alias("url_full"),
        pl.col("url_scheme"),
        pl.col("url_domain"),
        pl.when(seen).then("url_path").alias("url_path"),
        pl.when(seen).then("url_query").alias("url_query"),
        pl.when(method != "UNKNOWN").then(method).alias("http_request_method"),
        pl.col("rest").str.extract(r" agent=('[^']+'|\S+)").str.strip_chars("'").alias("user_agent_original"),
        pl.col("sha256").alias("file_hash"),
    ]


def _verdict() -> list[pl.Expr]:
    flow = pl.col("role").str.contains(_FLOWS)
    pattern = pl.col("rest").str.extract(r"pattern: (.+)$")
    said = pl.when(flow).then(
        pl.coalesce(pattern.str.extract("^(allow|deny|0|1) ?"), pl.col("rest").str.extract("^(allow|deny) "))
    )
    began = pl.col("role").str.starts_with("ip_flow_")
    secure = f.outcome(pl.coalesce("decision", "action"), "allowed|allow", "blocked|block")
    message = pl.col("rest").str.extract(r"message: (.+)$")
    return [
        pl.when(flow)
        .then(pl.when(began).then(pl.lit("allowed")).otherwise(f.outcome(said, "allow|0", "deny|1")))
        .when(pl.col("rest").str.starts_with("content_filtering_block"))
        .then(pl.lit("blocked"))
        .when(pl.col("kind") == "firewall")
        .then(secure)
        .otherwise(_UNKNOWN)
        .alias("event_outcome"),
        pl.when(flow).then(pattern).alias("rule_name"),
        pl.coalesce("category0", pl.lit("virus: ") + pl.col("name"), pl.lit("attack: ") + message).alias(
            "rule_category"
        ),
    ]


FORMAT: Final = Format(
    name="meraki", log_class="firewall", title="Cisco Meraki syslog", looks=_LOOKS, doc=__doc__, parse=parse
)
