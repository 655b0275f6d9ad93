r"""
Sophos Firewall log (XG, XGS, SFOS 16 to 21), `key=value` form, as it sends it by syslog.

    <30>device_name="SFW" timestamp="2026-01-14T10:14:09+0000" device_model="XGS116" log_id="050902616002"
    log_type="Content Filtering" log_component="HTTP" log_subtype="Denied" fw_rule_id="5" web_policy_id=12
    user_name="amina.k" user_gp="Pupils" http_category="Gambling" url="https://casino.example/spin"
    src_ip="10.20.4.31" dst_ip="203.0.113.9" protocol="TCP" src_port=61930 dst_port=443            (one line)

Reads both layouts: `device="SFW" date= time= timezone=` of the standard format and `timestamp=` of the central
reporting format, with or without `<priority>` and syslog envelope.
Reference: https://docs.sophos.com/nsg/sophos-firewall/20.0/syslog/index.html

Class: content filtering of pages, viruses in pages and TLS inspection are `web`; firewall, application filter,
intrusion prevention (IDP), threat protection (ATP) and heartbeat are `firewall`; log-ons with a user are `auth`; the
DHCP server's are `dhcp`; mail filtering is `mail`. Passed over: events about nobody (system health, an update, a
link, how many devices an access point has), and those of the web application firewall, which are strangers' requests to the school's own servers.
Time: `timestamp` with its offset, else `date` and `time` by `timezone` where it is a European abbreviation, else in
the configured zone (`IST` is India's and Ireland's). A content policy's line has none; then the envelope's counts.
Fills: outcome (from `log_subtype`, else `status`), both ends, ports, MAC, bytes, duration, user and group, address of
the page, status, media type, browser, application, SNI, file name and hash. `rule_category` is the web or application
category, `virus: NAME`, `threat: NAME` or `attack: NAME`; `rule_name` is the dictionary of a content policy, else the
web policy or firewall rule by its name, else by its number.
An address is held by a device from a DHCP renewal until its release or end, and by a user from the log-on to the firewall,
or the tunnel of SSL VPN, until the log-off.
Lacks: `login_user` and `process_user`, which an endpoint reports about a program, are not taken for the user.

Caveats: `Warned` is unknown, since the log does not say whether the person went on. Without HTTPS decryption the
path is not seen and Sophos writes `https://host/`; such a page gets a domain but no address. A match of a web content policy
(`dictionary_name`) is one event; the words around it stay in the file. The sender of a mail is not taken for a user.
Checked on 222 real lines of SFOS 16 to 18.5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import LEASE_FROM, LEASE_TO, REJECT, SKIP, Format
from aup_monitor.core.hosts import clean_host
from aup_monitor.core.schema import TIME
from aup_monitor.formats import fields as f
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.firewall._keyvalue import pairs
from aup_monitor.formats.syslog import time_without_year, utc_of_local
from aup_monitor.formats.urls import split_url

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_WORDS: Final = (  # noqa: SIM905 - a list of names reads best as words
    "date time timezone timestamp log_id src_ip sourceip ipaddress leased_ip dst_ip destinationip src_port dst_port "
    "src_mac client_physical_address sent_bytes bytes_sent recv_bytes bytes_received duration fw_rule_id "
    "web_policy_id ips_policy_id idp_policy_id httpresponsecode http_status status_code sha1sum"
).split()
_TEXTS: Final = (  # noqa: SIM905 - a list of names reads best as words
    "log_type log_component log_subtype action status protocol source device_name user_name user name user_gp usergroupname url domain "
    "domainname website category http_category site_category application application_name app_name "
    "application_category app_category contenttype content_type user_agent referer method virus threatname "
    "signature_msg dictionary_name web_policy_name fw_rule_name filename file_name client_host_name sni server_name"
).split()
_LOGGED_IN: Final = "17701"
_LOGGED_OUT: Final = "17703"
"""Ends of `log_id`: the message's number."""
_ENVELOPE: Final = (
    r"^(?:<\d{1,3}>)?(?:1 )?"
    r"([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)) "
)
_ALLOWED: Final = (
    "allowed|allow|clean|successful|alert|detect|allow session|decrypt|do not decrypt|renew|connected"
)
_BLOCKED: Final = (
    "denied|deny|drop|virus|pua|spam|probable spam|outbound spam|outbound probable spam|dos|failed|deny session|reject|"
    "dlp|dropped|blocked"
)


_LOOKS: Final = r' log_id="?\d{12}"? log_type="[^"]+" log_component='


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    # The one key whose value has blanks and no quotes.
    unquoted = pl.when(pl.col("line").str.contains(' site_category=[^"]')).then("line")
    quoted = pl.coalesce(
        unquoted.str.replace(r' site_category=([^"=]+?) ([a-z_]+=)', ' site_category="$1" $2'), "line"
    ).alias("line")
    sent = pl.col("line").str.extract(_ENVELOPE).alias("sent")
    known = pairs(lines.with_columns(quoted, sent), _WORDS, _TEXTS, kept=["sent"]).with_columns(
        _account(), _address()
    )
    return (
        split_url(known, "address")
        .with_columns(split_account("account").struct.field("user_name", "user_domain"), _seen())
        .with_columns(_log_class(), *_when(context), *_who(), *_where(), *_page(), *_verdict())
        .select("offset", _reject(), _skip(), *_FILLED, *_leases())
    )


_FILLED: Final = (  # noqa: SIM905 - a list of names reads best as words
    "timestamp log_class event_code event_action event_outcome event_duration observer_vendor observer_product "
    "observer_name source_ip source_port source_mac host_name user_name user_domain user_group destination_ip "
    "destination_port network_transport network_application url_full url_scheme url_domain url_path url_query "
    "http_request_method http_response_status_code http_response_mime_type http_request_referrer user_agent_original "
    "source_bytes destination_bytes tls_server_name rule_name rule_category file_name file_hash"
).split()


def _account() -> pl.Expr:
    """Return who; of system health, `user` is a share of the processor."""
    person = pl.when(pl.col("log_type") != "System Health").then("user")
    return pl.coalesce("user_name", person).alias("account")


def _address() -> pl.Expr:
    """Return the page's address; other parts of the firewall write none, or a bare IP address."""
    return pl.when(pl.col("url").str.contains("://", literal=True)).then("url").alias("address")


def _seen() -> pl.Expr:
    bare = pl.coalesce("url_path", pl.lit("/")).eq("/") & pl.col("url_query").is_null()
    return (~bare | (pl.col("url_scheme") != "https")).alias("seen")


def _when(context: Context) -> list[pl.Expr]:
    local = pl.col("date") + " " + pl.col("time")
    ahead = pl.col("timezone").replace_strict(f.ZONES, default=None, return_dtype=pl.Int32)
    naive = local.str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False)
    dated = naive.dt.replace_time_zone("UTC") - pl.duration(hours=ahead)
    stamped = pl.col("timestamp").str.to_datetime("%Y-%m-%dT%H:%M:%S%z", time_unit="us", strict=False)
    iso = pl.col("sent").str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False)
    return [
        pl.coalesce(
            stamped, dated, utc_of_local(naive, context.zone), iso, time_without_year("sent", context)
        )
        .cast(TIME)
        .alias("timestamp"),
        f.seconds("duration").alias("event_duration"),
    ]


def _who() -> list[pl.Expr]:
    return [
        pl.lit("Sophos").alias("observer_vendor"),
        pl.lit("Sophos Firewall").alias("observer_product"),
        pl.col("device_name").alias("observer_name"),
        pl.coalesce(_leased(), f.address("src_ip"), f.address("sourceip"), f.address("ipaddress")).alias(
            "source_ip"
        ),
        f.port("src_port").alias("source_port"),
        pl.coalesce(f.mac("src_mac"), f.mac("client_physical_address")).alias("source_mac"),
        pl.col("client_host_name").alias("host_name"),
        pl.coalesce("user_gp", "usergroupname").alias("user_group"),
        pl.coalesce(f.number("sent_bytes"), f.number("bytes_sent")).alias("source_bytes"),
        pl.coalesce(f.number("recv_bytes"), f.number("bytes_received")).alias("destination_bytes"),
    ]


def _leased() -> pl.Expr:
    return pl.when(pl.col("log_component") == "DHCP Server").then(f.address("leased_ip"))


def _leases() -> list[pl.Expr]:
    """Return from when and until when the line says that the address is held."""
    dhcp, vpn = pl.col("log_component") == "DHCP Server", pl.col("log_component") == "SSL VPN"
    logged = (pl.col("log_component") == "Firewall Authentication") & (pl.col("status") == "Successful")
    number, word, now = pl.col("log_id"), pl.col("status"), pl.col("timestamp")
    given = (
        (dhcp & (word == "Renew"))
        | (vpn & (word == "Established"))
        | (logged & number.str.ends_with(_LOGGED_IN))
    )
    back = (
        (dhcp & word.is_in(["Expire", "Release"]))
        | (vpn & (word == "Terminated"))
        | (logged & number.str.ends_with(_LOGGED_OUT))
    )
    return [pl.when(given).then(now).alias(LEASE_FROM), pl.when(back).then(now).alias(LEASE_TO)]


def _where() -> list[pl.Expr]:
    return [
        pl.coalesce(f.address("dst_ip"), f.address("destinationip")).alias("destination_ip"),
        pl.coalesce(f.port("dst_port"), "destination_port").alias("destination_port"),
        f.transport("protocol").alias("network_transport"),
        pl.coalesce("application", "application_name", "app_name").alias("network_application"),
        pl.coalesce(clean_host("sni"), clean_host("server_name")).alias("tls_server_name"),
        pl.coalesce("filename", "file_name").alias("file_name"),
        pl.col("sha1sum").alias("file_hash"),
    ]


def _page() -> list[pl.Expr]:
    tested = pl.when(pl.col("log_type") == "Sandbox").then("source")
    host = pl.coalesce("domain", "domainname", "website", tested)
    status = pl.coalesce(f.number("httpresponsecode"), f.number("http_status"), f.number("status_code"))
    named = pl.when(_is_page()).then(host.str.to_lowercase().str.strip_chars_end("."))
    return [
        pl.coalesce("url_domain", named).alias("url_domain"),
        pl.when("seen").then("address").alias("url_full"),
        pl.when("seen").then("url_path").alias("url_path"),
        pl.col("method").alias("http_request_method"),
        pl.when(status.is_between(100, 599)).then(status).cast(pl.Int32).alias("http_response_status_code"),
        pl.coalesce("contenttype", "content_type").alias("http_response_mime_type"),
        pl.col("referer").alias("http_request_referrer"),
        pl.col("user_agent").alias("user_agent_original"),
    ]


def _verdict() -> list[pl.Expr]:
    word = pl.when(pl.col("log_subtype").is_in(["Authentication", "System", "Admin"])).then("status")
    matched = pl.when(pl.col("log_component") == "Web Content Policy").then("action")
    action = pl.coalesce(matched, word.otherwise("log_subtype"))
    return [
        pl.col("log_id").alias("event_code"),
        action.alias("event_action"),
        f.outcome(action, _ALLOWED, _BLOCKED).alias("event_outcome"),
        pl.coalesce(
            "dictionary_name",
            "web_policy_name",
            "fw_rule_name",
            "web_policy_id",
            "fw_rule_id",
            "idp_policy_id",
            "ips_policy_id",
        ).alias("rule_name"),
        pl.coalesce(
            pl.lit("virus: ") + pl.col("virus"),
            pl.lit("threat: ") + pl.col("threatname"),
            pl.lit("attack: ") + pl.col("signature_msg"),
            "http_category",
            "site_category",
            "category",
            "application_category",
            "app_category",
        ).alias("rule_category"),
    ]


def _is_page() -> pl.Expr:
    kind, part = pl.col("log_type"), pl.col("log_component")
    paged = kind.is_in(["Content Filtering", "Anti-Virus", "SSL", "Sandbox"])
    return paged & part.is_in(["HTTP", "HTTPS", "Web Content Policy", "SSL", "Web"])


def _log_class() -> pl.Expr:
    kind, part = pl.col("log_type"), pl.col("log_component")
    mail = part.str.contains("^(?:SMTP|POP|IMAP|Mail)")
    log_on = (pl.col("log_subtype") == "Authentication") & pl.col("user_name").is_not_null()
    return (
        pl.when(_is_page())
        .then(pl.lit("web"))
        .when((kind == "Anti-Spam") | (kind.is_in(["Anti-Virus", "Sandbox"]) & mail))
        .then(pl.lit("mail"))
        .when(part == "DHCP Server")
        .then(pl.lit("dhcp"))
        .when(log_on)
        .then(pl.lit("auth"))
        .otherwise(pl.lit("firewall"))
        .alias("log_class")
    )


def _reject() -> pl.Expr:
    return (
        pl.when(pl.col("log_type").is_null())
        .then(pl.lit("no log_type=: not a line of a Sophos Firewall"))
        .when(pl.col("timestamp").is_null())
        .then(pl.lit("no time: neither timestamp=, date= and time= nor an envelope's is understood"))
        .alias(REJECT)
    )


def _skip() -> pl.Expr:
    about_nobody = pl.all_horizontal(pl.col("user_name", "source_ip", "source_mac").is_null())
    known = pl.col("timestamp").is_not_null() & pl.col("log_type").is_not_null()
    return ((about_nobody | (pl.col("log_type") == "WAF")) & known).alias(SKIP)


FORMAT: Final = Format(
    name="sophos", log_class="web", title="Sophos Firewall log", looks=_LOOKS, doc=__doc__, parse=parse
)
