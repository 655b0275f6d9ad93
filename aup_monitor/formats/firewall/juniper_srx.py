r"""
Juniper SRX security log (Junos 10 to 23), as structured data or as plain text, as it sends it by syslog.

    <12>1 2026-03-05T10:14:09.123+00:00 srx-school RT_UTM - WEBFILTER_URL_BLOCKED [junos@2636.1.1.1.2.129
    source-address="10.20.4.31" source-port="61930" destination-address="203.0.113.9" destination-port="443"
    category="Enhanced_Gambling" reason="BY_PRE_DEFINED" profile="pupils" url="casino.example" obj="/"
    username="amina.k" roles="Pupils"]                                                             (one line)

    Mar  5 10:14:09 srx-school RT_FLOW: RT_FLOW_SESSION_DENY: session denied 10.20.4.31/61930->203.0.113.9/443 0x0 ...

Reads sessions (RT_FLOW, APPTRACK), content security (RT_UTM: web filter, antivirus, content filter, antispam), attacks
(RT_IDP, RT_IDS) and threats (RT_AAMW, RT_SECINTEL). In plain text: sessions, web filter, attacks and screens.
Lines of the router's other programs, and messages about nobody, are passed over.
Reference: https://apps.juniper.net/syslog-explorer/ and https://www.juniper.net/documentation/us/en/software/junos/network-mgmt/topics/topic-map/structured-data-format.html

Class: the web filter is `web`, antispam is `mail`, the rest is `firewall`.
Time: the envelope's, by its offset where it has one, else in the configured zone.
Fills: outcome (from `action`, else from the message's name), both ends, ports, transport, bytes, duration, account and
roles (`user_group`), application, site and path, file and its hash, policy or profile. `event_code` is the message's
name. `rule_category` is the web category, `attack: NAME`, `virus: NAME` or `threat: FEED`.

Caveats: of a virus Junos names the server first; the client is the source here all the same. A session that is
logged when it begins and when it ends is two events. Of https the path is not seen and `obj="/"` is written; such a page gets
a domain but no address. An alarm without a drop is unknown. Addresses after translation are not kept.
Checked on 63 real lines of structured data against an independent parse; of plain text on 9 lines that others published,
read by hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.core.hosts import clean_host
from aup_monitor.core.schema import TIME
from aup_monitor.formats import fields as f
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.firewall._juniper_said import text_columns
from aup_monitor.formats.firewall._keyvalue import pairs
from aup_monitor.formats.pieces import groups
from aup_monitor.formats.syslog import time_without_year, utc_of_local
from aup_monitor.formats.urls import split_url

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_HEAD: Final = (
    r"^(?:<\d{1,3}>)?(?:1 )?(?:(?<iso>\d{4}-\d\d-\d\dT\S+)|(?<local>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d))"
    r"(?:\.\d+)?(?: \d{4})?\s+(?:(?<observer_name>[^\s:]+)\s+)??(?<program>[\w./-]+)(?:\[\d+\])?(?: -| \d+|:) "
    r"(?:%\S+-\d-)?(?<tag>[A-Z][A-Z0-9_]+)?(?<rest>.*)$"
)
_WORDS: Final = (  # noqa: SIM905 - a list of names reads best as words
    "source-address source-port destination-address destination-port client-ip protocol-id protocol-name "
    "bytes-from-client bytes-from-server elapsed-time sample-sha256"
).split()
_TEXTS: Final = (  # noqa: SIM905 - a list of names reads best as words
    "action username roles service-name application nested-application application-name policy-name profile "
    "profile-name category feed-name malware-info attack-name name url obj http-host hostname filename file-name"
).split()
_NOTHING: Final = ["N/A", "UNKNOWN", "None", "NA", "unknown-user", "NONE", ""]
_ALLOWED: Final = "permit|permitted|none|ignore|url permitted|log"
_BLOCKED: Final = (
    "block|blocked|deny|drop|dropped|reject|close|close_client|close_server|drop_packet|redirect|url blocked|"
    "url redirected"
)
_TAG_ALLOWED: Final = "_(?:CREATE|CLOSE|UPDATE|PERMITTED|PASSED|PERMIT)(?:_|$)"
_TAG_BLOCKED: Final = "_(?:DENY|BLOCKED|DROP|DROPPED|REDIRECTED)(?:_|$)|VIRUS_DETECTED"

_LOOKS: Final = (
    r"RT_(?:FLOW|UTM|IDP|IDS|AAMW|SECINTEL)(?: -| \d+|(?:\[\d+\])?:) (?:%\S+-\d-)?"
    r"(?:RT_FLOW|APPTRACK|WEBFILTER|AV|ANTISPAM|CONTENT_FILTERING|IDP|RT_SCREEN|SRX_AAMW|AAMW|SECINTEL)_[A-Z_]+[: ]"
)


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    read = groups(lines, "line", _HEAD)
    named = pl.col("rest").str.starts_with(" [").fill_null(value=False)
    text = pl.when(~named).then(pl.col("rest").str.strip_prefix(": ")).alias("text")
    # Some collectors take `junos@...` away; then the first key stands right after the bracket.
    spaced = pl.col("line").str.replace(" [", " [ ", literal=True)
    data = read.select("offset", pl.when(named).then(spaced).otherwise(pl.lit("")).alias("line"))
    known = (
        pairs(data, _WORDS, _TEXTS)
        .join(read.select(pl.all().exclude("line", "rest"), text), on="offset", how="left")
        .pipe(text_columns)
        .with_columns(_said("username", "roles", "application", "nested-application", "application-name"))
        .with_columns(_said("service-name", "category", "malware-info", "feed-name", "http-host", "hostname"))
        .with_columns(_port("source-port"), _port("destination-port"))
        .with_columns(_ours(), _swapped(), _address())
    )
    return (
        split_url(known, "address")
        .with_columns(split_account("username").struct.field("user_name", "user_domain"), _seen())
        .select("offset", *_what(context), *_who(), *_where(), *_page(), *_verdict())
    )


def _said(*columns: str) -> list[pl.Expr]:
    """Return columns without the words that stand for nothing."""
    return [pl.when(~pl.col(name).is_in(_NOTHING)).then(name).alias(name) for name in columns]


def _port(column: str) -> pl.Expr:
    """Return a port; of ICMP Junos writes number and type there."""
    return pl.when(~pl.col("protocol-id").is_in(["1", "58"]) | pl.col("protocol-id").is_null()).then(column)


def _tagged(pattern: str) -> pl.Expr:
    return pl.col("tag").str.contains(pattern).fill_null(value=False)


def _ours() -> pl.Expr:
    return pl.col("program").str.starts_with("RT_").fill_null(value=False).alias("ours")


def _swapped() -> pl.Expr:
    """Tell whether the server stands first, as in what the antivirus says of a file on its way."""
    back = f.port("source-port") < f.port("destination-port")
    return (_tagged("^AV_") & back).fill_null(value=False).alias("swapped")


def _address() -> pl.Expr:
    secure = pl.col("destination-port") == "443"
    scheme = pl.when(secure).then(pl.lit("https://")).otherwise(pl.lit("http://"))
    path = pl.when(pl.col("obj").str.starts_with("/")).then("obj").otherwise(pl.lit("/"))
    return pl.when(_tagged("^WEBFILTER")).then(scheme + pl.col("url") + path).alias("address")


def _seen() -> pl.Expr:
    bare = (pl.col("url_path") == "/") & pl.col("url_query").is_null()
    return (~bare | (pl.col("url_scheme") != "https")).alias("seen")


def _what(context: Context) -> list[pl.Expr]:
    aware = pl.col("iso").str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False)
    naive = pl.col("iso").str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", time_unit="us", strict=False)
    local = time_without_year("local", context)
    stamp = pl.coalesce(aware, utc_of_local(naive, context.zone), local).cast(TIME)
    nobody = pl.all_horizontal(pl.col("source-address", "client-ip").is_null())
    cut = pl.col("ours") & (pl.col("tag").is_null() | pl.col("text").eq("").fill_null(value=False))
    understood = stamp.is_not_null() & pl.col("program").is_not_null() & ~cut
    return [
        stamp.alias("timestamp"),
        pl.when(_tagged("^WEBFILTER"))
        .then(pl.lit("web"))
        .when(_tagged("^ANTISPAM"))
        .then(pl.lit("mail"))
        .otherwise(pl.lit("firewall"))
        .alias("log_class"),
        pl.col("tag").alias("event_code"),
        pl.lit("Juniper").alias("observer_vendor"),
        pl.lit("SRX").alias("observer_product"),
        pl.col("observer_name"),
        f.seconds("elapsed-time").alias("event_duration"),
        pl.when(pl.col("program").is_null())
        .then(pl.lit("not a syslog line of Junos"))
        .when(stamp.is_null())
        .then(pl.lit("the envelope's time is not understood"))
        .when(cut)
        .then(pl.lit("the line ends before it says anything"))
        .alias(REJECT),
        (understood & (~pl.col("ours") | nobody)).alias(SKIP),
    ]


def _who() -> list[pl.Expr]:
    swapped = pl.when("swapped")
    left, right = f.address("source-address"), f.address("destination-address")
    return [
        pl.coalesce(swapped.then(right).otherwise(left), f.address("client-ip")).alias("source_ip"),
        swapped.then(f.port("destination-port")).otherwise(f.port("source-port")).alias("source_port"),
        swapped.then(left).otherwise(right).alias("destination_ip"),
        swapped.then(f.port("source-port")).otherwise(f.port("destination-port")).alias("destination_port"),
        pl.col("hostname").alias("host_name"),
        pl.col("user_name"),
        pl.col("user_domain"),
        pl.col("roles").alias("user_group"),
    ]


def _where() -> list[pl.Expr]:
    service = pl.col("service-name").str.strip_prefix("junos-").str.to_lowercase().replace("https", "tls")
    named = pl.when(service.str.contains("^(?:tls|http|ftp|ssh|smtp|imap|pop3|telnet|ldap|sip|ntp)$")).then(
        service
    )
    dns = pl.when(service.str.starts_with("dns-")).then(pl.lit("dns"))
    return [
        pl.coalesce(f.transport("protocol-id"), f.transport("protocol-name")).alias("network_transport"),
        pl.coalesce(named, dns).alias("network_protocol"),
        pl.coalesce("nested-application", "application", "application-name").alias("network_application"),
        f.number("bytes-from-client").alias("source_bytes"),
        f.number("bytes-from-server").alias("destination_bytes"),
    ]


def _page() -> list[pl.Expr]:
    return [
        pl.when("seen").then("address").alias("url_full"),
        pl.col("url_scheme"),
        pl.coalesce("url_domain", clean_host("http-host")).alias("url_domain"),
        pl.when("seen").then("url_path").alias("url_path"),
        pl.col("url_query"),
        pl.coalesce("file-name", "filename").alias("file_name"),
        pl.col("sample-sha256").alias("file_hash"),
    ]


def _verdict() -> list[pl.Expr]:
    acted = f.outcome(pl.col("action"), _ALLOWED, _BLOCKED)
    told = (
        pl.when(_tagged(_TAG_BLOCKED))
        .then(pl.lit("blocked"))
        .when(_tagged(_TAG_ALLOWED))
        .then(pl.lit("allowed"))
        .otherwise(pl.lit("unknown"))
    )
    virus = pl.coalesce("malware-info", pl.when(_tagged("^AV_")).then("name"))
    return [
        pl.coalesce("action", "tag").alias("event_action"),
        pl.when(pl.col("action").is_not_null()).then(acted).otherwise(told).alias("event_outcome"),
        pl.coalesce("policy-name", "profile", "profile-name").alias("rule_name"),
        pl.coalesce(
            pl.lit("virus: ") + virus,
            pl.lit("attack: ") + pl.col("attack-name").str.strip_chars_end("!"),
            pl.lit("threat: ") + pl.col("feed-name"),
            "category",
        ).alias("rule_category"),
    ]


FORMAT: Final = Format(
    name="juniper-srx",
    log_class="firewall",
    title="Juniper SRX security log",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
)
