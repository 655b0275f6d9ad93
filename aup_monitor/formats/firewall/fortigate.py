r"""
FortiGate log (FortiOS 5 to 7), in its forms `default` (`key=value`), `csv` and `cef`.

    <188>date=2026-03-05 time=10:14:09 devname="fw-school" logid="0316013056" type="utm" subtype="webfilter"
    eventtype="ftgd_blk" eventtime=1772705649052907555 tz="+0000" policyid=12 user="amina.k" group="Pupils"
    srcip=10.20.4.31 srcport=61930 dstip=203.0.113.9 dstport=443 proto=6 service="HTTPS" hostname="casino.example"
    profile="pupils" action="blocked" url="/spin" sentbyte=1152 rcvdbyte=1130 catdesc="Gambling"     (one line)

    CEF:0|Fortinet|Fortigate|v7.4.4|13056|utm:webfilter ftgd_blk blocked|4|FTNTFGTlogid=0316013056 cat=utm:webfilter
    FTNTFGTsubtype=webfilter FTNTFGTeventtime=1772705649052907555 duser=amina.k src=10.20.4.31 ...   (one line)

Written to disk, to a syslog server (`config log syslogd setting`, `set format default|csv|cef`) or exported from
FortiAnalyzer, with or without `<priority>` and syslog envelope. Reads `type` traffic, utm (webfilter, dns, app-ctrl,
virus, ips, anomaly, dlp, file-filter, ssl, ssh, voip, emailfilter, ...) and event.
Reference: https://docs.fortinet.com/document/fortigate/7.4.0/fortios-log-message-reference

Class: webfilter is `web`, dns is `dns`, emailfilter is `mail`, other utm and traffic are `firewall`. Of the events,
those of the DHCP server are `dhcp`, log-ons and VPN with a user are `auth`, others with a user or an address are
`firewall`; an event with neither (a link went down) is passed over.
Time: `eventtime` (seconds, or ms, us, ns by its size), else `date` and `time` with `tz`, else in the configured zone;
CEF of old versions has the envelope's only.
Fills: outcome (from `action` and `utmaction`), addresses, ports, MAC, bytes, duration, user and group, host name,
address of the page, search words (`keyword`), DNS question and answers, SNI, application, policy or profile,
category. `rule_category` is `catdesc`; for virus, IPS and anomaly it is `virus: NAME` or `attack: NAME`. An address is
held by a device from a DHCP server's Ack for the `lease` and until its Release, and by a user from an FSSO or firewall log-on
until the log-off.
Lacks: `unauthuser`, a name that FortiGate guessed from passing traffic, is not taken for the user; `dstname`, found by
reverse look-up, is not taken for the site.

Caveats: without deep inspection the path of an https page is not seen and FortiGate writes `url="/"`; so an https
page with the path `/` gets a domain but no address. With DNS filtering one look-up is two events, query and response.
Long sessions are logged again and again with growing byte counts (logid 0000000020). A VPN's source is its far end.
Of the form `cef` the site's name is read from `dhost`, but not of traffic, where it is a reverse look-up's.
Checked on 211 real lines of the form `default` against an independent parse; `csv` and `cef` from documentation, no real
line seen.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from aup_monitor.core.format import LEASE_FROM, LEASE_TO, REJECT, SKIP, Context, Format
from aup_monitor.core.hosts import clean_host
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.epochs import of_any_unit
from aup_monitor.formats.firewall._fortigate_forms import CEF, columns
from aup_monitor.formats.syslog import time_without_year, utc_of_local
from aup_monitor.formats.urls import split_url

_WORDS: Final = (  # noqa: SIM905 - a list of names reads best as words
    "date time tz eventtime timestamp type subtype eventtype logid srcip srcport dstip dstport remip remport locip "
    "locport src_port dst_port ip proto "
    "srcmac mastersrcmac mac stamac lease sentbyte rcvdbyte duration policyid qtype httpmethod analyticscksum"
).split()
_TEXTS: Final = (  # noqa: SIM905 - a list of names reads best as words
    "action utmaction status logdesc devname user xauthuser group srcname name hostname url service app appcat "
    "catdesc policyname profile applist qname ipaddr sni keyword virus attack agent referralurl contenttype "
    "filename dhcp_msg"
).split()

_BLOCKED: Final = (
    "deny denied block blocked drop dropped reset reset_client reset_server drop_session clear_session "
    "redirect quarantine quarantined ban banned"
)
_ALLOWED: Final = (
    "accept close timeout client-rst server-rst start ip-conn dns pass passthrough pass_session allow allowed permit "
    "detected monitor monitored exempt exempted bypass inspect tagged log-only"
)
_OUTCOMES: Final = {
    **dict.fromkeys(_ALLOWED.split(), "allowed"),
    **dict.fromkeys(_BLOCKED.split(), "blocked"),
}
_TRANSPORTS: Final = {
    "1": "icmp",
    "2": "igmp",
    "6": "tcp",
    "17": "udp",
    "47": "gre",
    "50": "esp",
    "58": "ipv6-icmp",
    "132": "sctp",
}
_PROTOCOLS: Final = {"https": "tls", "ssl": "tls"}

_FAILED: Final = "fail|error|denied|deny|invalid|blocked"
_DONE: Final = "success|succeeded|logon|login|logoff|logout|tunnel-up|tunnel-down"

_GIVEN: Final = ("ack", "fsso-logon", "auth-logon")
_GIVEN_BACK: Final = ("release", "fsso-logoff", "auth-logoff", "auth-logout")

_NOBODY: Final = {"N/A": None, "(null)": None}


_KEYS: Final = r'logid="?\d{5,10}"?[ ,]type="?[a-z-]+"?[ ,]subtype='
_LOOKS: Final = rf"[ ,>]{_KEYS}|^{_KEYS}|{CEF}"


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn FortiGate lines into events; see the module's page."""
    named = pl.col("user", "xauthuser", "group", "hostname", "name", "srcname", "mac", "stamac").replace(
        _NOBODY
    )
    known = columns(lines, _WORDS, _TEXTS).with_columns(named, _kind())
    paged = known.with_columns(_address()).pipe(split_url, "address")
    account = split_account("account").struct.field("user_name", "user_domain")
    return (
        paged.with_columns(pl.coalesce("user", "xauthuser").alias("account"), _seen())
        .with_columns(account, *_page(), *_columns(context), *_where(), *_who())
        .with_columns(_log_class())
        .select("offset", _reject(), _skip(), _outcome(), *_leases(), *_FILLED)
    )


def _kind() -> pl.Expr:
    """Return traffic, event or the subtype of utm; FortiOS 4 wrote that subtype as the type."""
    return pl.when(pl.col("type") == "utm").then("subtype").otherwise("type").alias("kind")


_FILLED: Final = (  # noqa: SIM905 - a list of names reads best as words
    "timestamp log_class event_code event_action event_duration observer_vendor observer_product "
    "observer_name source_ip source_port source_mac host_name user_name user_domain user_group destination_ip "
    "destination_port network_transport network_protocol network_application url_full url_scheme url_domain url_path "
    "url_query http_request_method http_response_mime_type http_request_referrer user_agent_original source_bytes "
    "destination_bytes search_query dns_question_name dns_question_type dns_answers tls_server_name rule_name "
    "rule_category file_name file_hash"
).split()


def _is_event() -> pl.Expr:
    return pl.col("kind") == "event"


def _columns(context: Context) -> list[pl.Expr]:
    """Return what each column is read from, where one expression says it."""
    return [
        _time(context).alias("timestamp"),
        pl.col("logid").alias("event_code"),
        pl.coalesce("dhcp_msg", "action", "eventtype", "logdesc").alias("event_action"),
        (pl.col("duration").cast(pl.Int64, strict=False) * 1_000_000_000).alias("event_duration"),
        pl.lit("Fortinet").alias("observer_vendor"),
        pl.lit("FortiGate").alias("observer_product"),
        pl.col("devname").alias("observer_name"),
        pl.col("group").alias("user_group"),
        pl.col("httpmethod").alias("http_request_method"),
        pl.col("contenttype").alias("http_response_mime_type"),
        pl.col("referralurl").alias("http_request_referrer"),
        pl.col("agent").alias("user_agent_original"),
        pl.col("sentbyte").cast(pl.Int64, strict=False).alias("source_bytes"),
        pl.col("rcvdbyte").cast(pl.Int64, strict=False).alias("destination_bytes"),
        pl.col("keyword").alias("search_query"),
        pl.col("filename").alias("file_name"),
        pl.col("analyticscksum").alias("file_hash"),
        pl.coalesce("policyname", "profile", "applist", "policyid").alias("rule_name"),
        _category().alias("rule_category"),
        *_dns(),
    ]


def _who() -> list[pl.Expr]:
    named = pl.when(_is_event()).then(pl.coalesce("srcname", "hostname", "name"))
    return [
        pl.coalesce("srcip", "remip", "ip").alias("source_ip"),
        pl.coalesce("srcport", "remport", "src_port").cast(pl.Int32, strict=False).alias("source_port"),
        pl.coalesce("srcmac", "mastersrcmac", "mac", "stamac").str.to_lowercase().alias("source_mac"),
        named.otherwise("srcname").alias("host_name"),
    ]


def _where() -> list[pl.Expr]:
    service, app = pl.col("service").str.to_lowercase(), pl.col("app")
    named = pl.when(~service.str.contains("[/ ]")).then(service.replace(_PROTOCOLS))
    return [
        pl.coalesce("dstip", "locip").alias("destination_ip"),
        pl.coalesce("dstport", "locport", "dst_port").cast(pl.Int32, strict=False).alias("destination_port"),
        pl.col("proto").replace_strict(_TRANSPORTS, default=None).alias("network_transport"),
        pl.when(pl.col("kind") == "dns").then(pl.lit("dns")).otherwise(named).alias("network_protocol"),
        pl.when(~app.str.contains("^(?i:tcp|udp|icmp6?)/")).then(app).alias("network_application"),
        pl.col("sni").str.to_lowercase().str.strip_chars_end(".").alias("tls_server_name"),
    ]


def _dns() -> list[pl.Expr]:
    return [
        pl.col("qname").str.to_lowercase().str.strip_chars_end(".").alias("dns_question_name"),
        pl.col("qtype").alias("dns_question_type"),
        pl.when(pl.col("kind") == "dns")
        .then(pl.col("ipaddr").str.replace_all(", ", ","))
        .alias("dns_answers"),
    ]


def _category() -> pl.Expr:
    unscanned = pl.col("appcat").is_in(["unscanned", "unknown"])
    return pl.coalesce(
        "catdesc",
        pl.lit("virus: ") + pl.col("virus"),
        pl.lit("attack: ") + pl.col("attack"),
        pl.when(~unscanned).then("appcat"),
    )


def _time(context: Context) -> pl.Expr:
    """Return the time: `eventtime` in whichever unit, else `date` and `time` in their own or the given zone, else the envelope's."""
    local = pl.concat_str("date", "time", separator=" ").str.to_datetime(
        "%Y-%m-%d %H:%M:%S", time_unit="us", strict=False
    )
    offset = pl.col("tz").str.extract_groups(r"([+-])(\d{1,2}):?(\d\d)$")
    minutes = offset.struct["2"].cast(pl.Int64) * 60 + offset.struct["3"].cast(pl.Int64)
    east = pl.when(offset.struct["1"] == "-").then(-minutes).otherwise(minutes)
    return pl.coalesce(
        of_any_unit(pl.coalesce("eventtime", "timestamp")),
        local.dt.replace_time_zone("UTC") - pl.duration(minutes=east),
        utc_of_local(local, context.zone),
        pl.col("sent").str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False),
        time_without_year("sent", context),
    )


def _address() -> pl.Expr:
    """Return the whole address from `hostname` and a `url` that may be whole, a path or absent."""
    url, host = pl.col("url"), pl.col("hostname")
    secure = pl.col("service").is_in(["HTTPS", "SSL"]) | (pl.col("dstport") == "443")
    scheme = pl.when(secure).then(pl.lit("https://")).otherwise(pl.lit("http://"))
    return (
        pl.when(_is_event())
        .then(None)
        .when(url.str.starts_with("/"))
        .then(scheme + host + url)
        .when(url.str.contains("://", literal=True))
        .then(url)
        .otherwise(scheme + pl.coalesce(url, host))
        .alias("address")
    )


def _seen() -> pl.Expr:
    """Tell whether the path was seen: on https `/` stands both for the first page and for a path not seen."""
    bare = pl.coalesce("url_path", pl.lit("/")).eq("/") & pl.col("url_query").is_null()
    return (~bare | (pl.col("url_scheme") == "http")).alias("seen")


def _page() -> list[pl.Expr]:
    host = pl.when(~_is_event()).then(clean_host("hostname"))
    seen = pl.when("seen")
    return [
        pl.coalesce(host, "url_domain").alias("url_domain"),
        seen.then("address").alias("url_full"),
        seen.then("url_path").alias("url_path"),
    ]


def _log_class() -> pl.Expr:
    person = pl.col("user_name").is_not_null()
    log_on = pl.col("subtype").is_in(["user", "vpn"]) | pl.col("action").is_in(["login", "logout"])
    return (
        pl.when(pl.col("kind") == "webfilter")
        .then(pl.lit("web"))
        .when(pl.col("kind") == "dns")
        .then(pl.lit("dns"))
        .when(pl.col("kind") == "emailfilter")
        .then(pl.lit("mail"))
        .when(pl.col("dhcp_msg").is_not_null())
        .then(pl.lit("dhcp"))
        .when(_is_event() & person & log_on)
        .then(pl.lit("auth"))
        .otherwise(pl.lit("firewall"))
        .alias("log_class")
    )


def _leases() -> list[pl.Expr]:
    """Return from when and until when the line says that the address is held."""
    word, now = pl.coalesce("dhcp_msg", "action").str.to_lowercase(), pl.col("timestamp")
    seconds = pl.col("lease").cast(pl.Int64, strict=False)
    # No lease is longer than DHCP's 32 bits, and such a one never ends.
    until = now + pl.duration(seconds=pl.when(seconds.is_between(1, 2**32 - 2)).then(seconds))
    given, back = _is_event() & word.is_in(_GIVEN), _is_event() & word.is_in(_GIVEN_BACK)
    return [
        pl.when(given).then(now).alias(LEASE_FROM),
        pl.when(given).then(until).when(back).then(now).alias(LEASE_TO),
    ]


def _outcome() -> pl.Expr:
    """Return the verdict: of the session and its checks, or, of an event, whether it was let through."""
    action, check = (
        pl.col(key).replace_strict(_OUTCOMES, default="unknown") for key in ("action", "utmaction")
    )
    words = pl.concat_str("action", "status", separator=" ", ignore_nulls=True).str.to_lowercase()
    event = (
        pl.when(words.str.contains(_FAILED))
        .then(pl.lit("blocked"))
        .when(words.str.contains(_DONE))
        .then(pl.lit("allowed"))
        .otherwise(pl.lit("unknown"))
    )
    checked = pl.when(check == "blocked").then(check).otherwise(action)
    return pl.when(_is_event()).then(event).otherwise(checked).alias("event_outcome")


def _reject() -> pl.Expr:
    return (
        pl.when(pl.col("type").is_null())
        .then(pl.lit("no type=: not a line of a FortiGate"))
        .when(pl.col("timestamp").is_null())
        .then(pl.lit("no time: neither eventtime= nor date= and time= is understood"))
        .alias(REJECT)
    )


def _skip() -> pl.Expr:
    nobody = pl.col("user_name").is_null() & pl.col("source_ip").is_null() & pl.col("source_mac").is_null()
    return (_is_event() & nobody & pl.col("timestamp").is_not_null()).fill_null(value=False).alias(SKIP)


FORMAT: Final = Format(
    name="fortigate", log_class="firewall", title="FortiGate log", looks=_LOOKS, doc=__doc__, parse=parse
)
