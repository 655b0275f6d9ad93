r"""
Zscaler Internet Access: web and DNS logs as JSON, from a Nanolog (NSS) or Cloud NSS feed.

    {"sourcetype":"zscalernss-web","event":{"time":"Mon Jan 12 08:45:01 2026","login":"alice@elmpark.example",...}}
    {"sourcetype":"zscalernss-dns","event":{"datetime":"Mon Jan 12 08:45:01 2026","dns_req":"casino.example",...}}

Who sets up the feed chooses its fields and their names; those of the templates in common use (Zscaler's, Splunk's,
Elastic's, Datadog's) are known, in any order. The `sourcetype` must be there.
Reference: https://help.zscaler.com/zia/nss-feed-output-format-web-logs and
https://help.zscaler.com/zia/nss-feed-output-format-dns-logs

What zscaler-web fills: time, account, department (`user_group`), client, device, server, address and its parts, method,
status, media type, referrer, browser, bytes, how long it took, category, rule, application, verdict.
What zscaler-dns fills: time, account, department, client, device, server, question, type, answer, error, category, rule.

The outcome: `Blocked` is blocked, `Allowed` allowed, else unknown (`Cautioned`: the user met a warning). Of DNS, an action
that says BLOCK or DROP, of the question or of the answer, is blocked.

Caveats:
- An account without an `@` is none: Zscaler writes the location's name there when it does not know who it was.
- Times without a time zone, and with GMT or UTC, are UTC, the default of a feed; with another they are the school's.
- The address has no scheme in the log; it is told by the protocol. An https connection that was not inspected shows the
  host alone.
- Feeds of other forms (tab-separated, `^^`, CEF, LEEF) are not read: choose JSON.

Checked on 3 real lines of DNS against an independent parse; web from public examples, no real line in the tests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, Format
from aup_monitor.core.hosts import clean_host
from aup_monitor.core.schema import TIME
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.fields import address, number, port
from aup_monitor.formats.json_values import json_texts
from aup_monitor.formats.syslog import utc_of_local
from aup_monitor.formats.urls import split_url
from aup_monitor.formats.web._given import verdict

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_KEYS: Final = {
    "time": "time|datetime",
    "zone": "tz|timezone",
    "login": "e?login|user",
    "dept": "e?dept|e?department",
    "device": "e?devicehostname",
    "client": "cip|clientip|ClientIP|clt_sip",
    "server": "sip|serverip|srv_dip",
    "duration": "ctime|clienttranstime|durationms",
    "rule": "e?rulelabel|e?urlfilterrulelabel|reqrulelabel",
    "category": "urlcat|urlcategory|category|domcat",
}
_WEB_KEYS: Final = {
    **_KEYS,
    "url": "e?url",
    "host": "e?host|hostname",
    "proto": "proto|protocol",
    "action": "action",
    "method": "reqmethod|requestmethod",
    "status": "respcode|status|statuscode",
    "sent": "reqsize|requestsize",
    "received": "respsize|responsesize",
    "mime": "contenttype",
    "referrer": "e?referer|refererURL|refererurl",
    "agent": "e?ua|useragent",
    "application": "appname",
}
_DNS_KEYS: Final = {
    **_KEYS,
    "question": "dns_req|req",
    "kind": "dns_reqtype|reqtype",
    "answer": "dns_resp|res",
    "error": "error",
    "asked": "reqaction",
    "answered": "resaction",
    "port": "srv_dport|sport",
    "transport": "protocol",
    "application": "dnsapp",
}
_SCHEMES: Final = {"HTTP": "http://", "HTTPS": "https://", "FTP": "ftp://"}


def _parse_web(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    whole = pl.col("proto").str.to_uppercase().replace_strict(_SCHEMES, default="") + pl.col("url")
    return (
        json_texts(lines, "line", _WEB_KEYS)
        .with_columns(
            *_known(context), (pl.col("method") == "CONNECT").fill_null(value=False).alias("tunnel")
        )
        .with_columns(pl.when(pl.col("tunnel")).then("url").otherwise(whole).alias("address"))
        .pipe(split_url, "address")
        .select(*_common("web"), *_page(), _reject("web", pl.coalesce("url", "host")))
    )


def _parse_dns(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    actions = pl.concat_str("asked", "answered", separator=" ", ignore_nulls=True).str.to_uppercase()
    return (
        json_texts(lines, "line", _DNS_KEYS)
        .with_columns(_known(context))
        .select(
            *_common("dns"),
            clean_host("question").alias("dns_question_name"),
            pl.col("kind").str.strip_suffix(" record").alias("dns_question_type"),
            pl.when(pl.col("answer").ne_missing(pl.col("error"))).then("answer").alias("dns_answers"),
            pl.col("error").alias("dns_response_code"),
            pl.col("asked").alias("event_action"),
            verdict(actions.str.contains("BLOCK|DROP"), actions.str.contains("ALLOW", literal=True)),
            port("port").alias("destination_port"),
            pl.col("transport").str.to_lowercase().alias("network_transport"),
            pl.col("application").alias("network_application"),
            _reject("DNS", pl.col("question")),
        )
    )


def _known(context: Context) -> list[pl.Expr]:
    """Return the time, and the account if it is one."""
    naive = pl.coalesce(
        pl.col("time")
        .str.replace_all(r" +", " ")
        .str.to_datetime("%a %b %d %H:%M:%S %Y", time_unit="us", strict=False),
        pl.col("time").str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False),
    )
    universal = pl.col("zone").is_null() | pl.col("zone").is_in(["GMT", "UTC"])
    return [
        pl.when(universal)
        .then(naive.dt.replace_time_zone("UTC").cast(TIME))
        .otherwise(utc_of_local(naive, context.zone))
        .alias("timestamp"),
        pl.when(pl.col("login").str.contains("@|%40")).then("login").alias("login"),
        pl.when(pl.col("dept").str.to_lowercase() != "unknown").then("dept").alias("dept"),
    ]


def _common(log_class: str) -> list[pl.Expr]:
    return [
        pl.col("offset", "timestamp"),
        pl.lit(log_class).alias("log_class"),
        pl.lit("Zscaler").alias("observer_vendor"),
        pl.lit("Internet Access").alias("observer_product"),
        (number("duration") * 1_000_000).alias("event_duration"),
        address("client").alias("source_ip"),
        address("server").alias("destination_ip"),
        pl.col("device").alias("host_name"),
        split_account("login").struct.field("user_name", "user_domain"),
        pl.col("dept").alias("user_group"),
        pl.col("rule").alias("rule_name"),
        pl.col("category").alias("rule_category"),
    ]


def _page() -> list[pl.Expr]:
    seen = ~pl.col("tunnel") & pl.col("url_scheme").is_not_null()
    return [
        pl.when(seen).then("address").alias("url_full"),
        pl.when(seen).then("url_scheme").alias("url_scheme"),
        pl.coalesce("url_domain", clean_host("host")).alias("url_domain"),
        pl.when(seen).then("url_path").alias("url_path"),
        pl.when(seen).then("url_query").alias("url_query"),
        pl.col("destination_port"),
        pl.col("action").alias("event_action"),
        verdict(pl.col("action").str.starts_with("Block"), pl.col("action").str.starts_with("Allow")),
        pl.col("method").alias("http_request_method"),
        pl.col("status").cast(pl.Int32, strict=False).replace(0, None).alias("http_response_status_code"),
        pl.when(pl.col("mime").str.contains("/", literal=True)).then("mime").alias("http_response_mime_type"),
        pl.col("referrer").alias("http_request_referrer"),
        pl.col("agent").alias("user_agent_original"),
        number("sent").alias("source_bytes"),
        number("received").alias("destination_bytes"),
        pl.col("application").alias("network_application"),
    ]


def _reject(kind: str, needed: pl.Expr) -> pl.Expr:
    marked = pl.col("line").str.contains(rf'"sourcetype" *: *"zscalernss-{kind.lower()}"')
    return (
        pl.when(~pl.col("line").str.contains(r"\}\s*$"))
        .then(pl.lit("the JSON does not end"))
        .when(~marked | needed.is_null())
        .then(pl.lit(f"not a line of Zscaler's {kind} log"))
        .alias(REJECT)
    )


WEB: Final = Format(
    name="zscaler-web",
    log_class="web",
    title="Zscaler web log (JSON)",
    looks='"sourcetype" *: *"zscalernss-web"',
    doc=__doc__,
    parse=_parse_web,
)
DNS: Final = Format(
    name="zscaler-dns",
    log_class="dns",
    title="Zscaler DNS log (JSON)",
    looks='"sourcetype" *: *"zscalernss-dns"',
    doc=__doc__,
    parse=_parse_dns,
)
