r"""
E2guardian and DansGuardian access log, formats 1, 2, 4, 5, 6, 7 and 8 (`logfileformat`).

    2026.01.12 08:45:01 alice 192.168.7.21 http://casino.example *DENIED* Blocked site: casino.example GET 0 0 Gambling 1 403 ...
    1768207501.104<TAB><TAB>alice<TAB>192.168.7.21<TAB>192.168.7.21<TAB>http://casino.example<TAB>GET<TAB>403<TAB>0<TAB>-<TAB>...

Format 1 parts its fields with spaces, 2 writes them "in","quotes", 4 parts them with tabs; 5 to 8 ("Protex") hold other
fields, parted with tabs. All may stand in one file, with a syslog header or without. Format 3 is Squid's own and is read
by the format `squid`.
Reference: http://e2guardian.org/ and https://github.com/e2guardian/e2guardian (configs/e2guardian.conf.in, notes)

What it fills: time, account and its domain, client address and name, address and its parts, method, status, bytes to the
client, media type, what was done (`event_action`: DENIED, SCANNED, TRUSTED, ...), why (`rule_name`: "Blocked site:
casino.example"), category, filter group (`user_group`), browser, the number of the message (`event_code`, 5 to 8), how
long it took (5 to 8), what was searched for (7 and 8).

The outcome: DENIED and INFECTED, also in the French, German, Portuguese and Russian packs, are blocked. NETERROR (the
site did not answer; written with a status of 403) and a request to log on (407) are unknown; so is a word of another
language with 403. All else was let through.

Caveats:
- The time of formats 1, 2 and 4 is local, of 5 to 8 UTC; a year of two digits is of this century.
- With `reportinglevel = -1` a denial is only logged: the page was shown although it says DENIED.
- Format 3 writes a site that did not answer as TCP_DENIED/403, which reads as blocked; another format is the better choice.
- In format 1 the name of the group and the browser cannot be told apart; both stay empty. A denied page can carry other
  people's words in the address: an address with a space is cut there.
- An account that is the client's address (IP authentication) is no account. `-` and empty are the same.
- Where e2guardian did not look inside, https shows the host alone.
- A log format of one's own (`logformat` files of 5.6) is not read.

Checked on 55 lines that e2guardian 5.3.5 wrote in formats 1, 2, 4, 5 and 6 and on 20 public lines of 1, 2 and 4; formats 7 and 8
from documentation, no real line seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, Format
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.epochs import of_seconds
from aup_monitor.formats.fields import address
from aup_monitor.formats.pieces import cut, groups
from aup_monitor.formats.syslog import utc_of_local
from aup_monitor.formats.urls import split_url
from aup_monitor.formats.web._given import given, machine_name, verdict

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_SYSLOG: Final = r"^(?:<\d{1,3}>)?(?:1 )?[A-Z\d][^\t\"]{8,120}?(?:e2|dans)guardian[^\s:]*: "
_DATE: Final = r"\d{2,4}\.\d{1,2}\.\d{1,2} \d{1,2}:\d{1,2}:\d{1,2}"
_EPOCH: Final = r"\d{9,10}\.\d{3}"
_DATED: Final = (
    rf"(?<when>{_DATE})(?: (?<epoch>{_EPOCH}))?",
    r"(?<who>.*?)",
    r"(?<from>\S*?)",
    r"(?<where>[A-Za-z]+://\S*|\S+:\d+)",
    r"(?<what>.*?)",
    r"(?<how>[A-Za-z]+|-|)",
    r"(?<size>-?\d+)",
    r"(?<weight>-?\d*)",
    r"(?<category>.*?)",
    r"(?<number>\d*)",
    r"(?<code>\d{1,3})",
    r"(?<rest>.*)",
)
_REST: Final = ("mime", "clienthost", "group", "agent", "more")
_PROTEX: Final = (
    *("epoch", "server", "who", "from", "clienthost", "where", "how", "code", "size", "mime", "agent"),
    *("hit", "duration", "peer", "message", "what", "weight", "category", "group", "number"),
    *("search", "flags", "over"),
)
_DENIED: Final = (
    r"\*(?:DENIED|INFECTED|Acc.s interdit|VERWEIGERT|INFIZIERT|NEGADO|INFECTADO|ЗАПРЕЩЕН|ЗАРАЖЕН)\*"
)
_NEITHER: Final = r"\*(?:NETERROR|NETZWERKFEHLER)\*"
_KNOWN: Final = r"\*(?:TRUSTED|EXCEPTION|OVERRIDE|SCANNED|CONTENTMOD|URLMOD|HEADERMOD|HEADERADD|GREY)\*"

_LOOKS_DATED: Final = rf"{_DATE}(?: {_EPOCH})?(?: |\t|\",\")[^\t]*?(?: |\t|\",\")\S*(?: |\t|\",\")[a-z]+://"
_LOOKS_PROTEX: Final = (
    rf"{_EPOCH}\t[^\t]*\t[^\t]*\t[^\t]*\t(?:[^\t]*\t)?[a-z]+://[^\t]*\t[A-Za-z-]*\t\d{{1,3}}\t"
)
_LOOKS: Final = rf'(?:^"?|guardian[^\s:]*: "?)(?:{_LOOKS_DATED}|{_LOOKS_PROTEX})'


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    bare = lines.select("offset", pl.col("line").str.replace(_SYSLOG, ""))
    quoted = pl.col("line").str.starts_with('"')
    protex = pl.col("line").str.contains(rf"^{_EPOCH}\t")
    tabs = ~quoted & ~protex & pl.col("line").str.contains("\t", literal=True)
    fields = pl.concat(
        [
            _protex(bare.filter(protex)),
            _dated(bare.filter(quoted).with_columns(pl.col("line").str.slice(1)), '","'),
            _dated(bare.filter(tabs), "\t"),
            _dated(bare.filter(~(quoted | protex | tabs)), " "),
        ],
        how="diagonal",
    )
    return _events(fields, context)


def _dated(lines: pl.LazyFrame, mark: str) -> pl.LazyFrame:
    """Return the fields of formats 1, 2 and 4; of 1 only those that its spaces leave certain."""
    fields = lines.pipe(groups, "line", "^" + mark.join(_DATED) + "$").pipe(cut, "rest", mark, _REST)
    kept = fields.drop("line", "rest", "more", "weight", "number").with_columns(
        pl.col("group", "agent").str.strip_chars('"'), ok=pl.col("when").is_not_null()
    )
    if mark != " ":
        return kept
    nothing = pl.lit(None, pl.String)
    return kept.with_columns(nothing.alias("group"), nothing.alias("agent"))


def _protex(lines: pl.LazyFrame) -> pl.LazyFrame:
    """Return the fields of formats 5 to 8, which have the client's name or not (`logclienthostandip`)."""
    tabs = pl.col("line").str.count_matches("\t", literal=True)
    named = (
        pl.when(tabs.is_in([18, 20]))
        .then(pl.col("line").str.replace(r"^((?:[^\t]*\t){4})", "${1}\t"))
        .otherwise("line")
    )
    fields = lines.with_columns(named.alias("line"), tabs.is_between(18, 21).alias("ok"))
    unread = ("line", "server", "hit", "peer", "weight", "number", "flags", "over")
    return fields.pipe(cut, "line", "\t", _PROTEX).drop(unread)


def _events(fields: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    return (
        fields.with_columns(
            given(name) for name in ("who", "where", "how", "mime", "category", "group", "agent", "search")
        )
        .with_columns(
            pl.when(pl.col("who") != pl.col("from")).then("who").alias("who"),
            pl.col("size", "duration").cast(pl.Int64, strict=False),
            pl.col("code").cast(pl.Int32, strict=False),
            (pl.col("how") == "CONNECT").fill_null(value=False).alias("connect"),
            pl.coalesce(of_seconds(pl.col("epoch")), _local("when", context)).alias("timestamp"),
        )
        .pipe(split_url, "where")
        .select(_columns())
    )


def _columns() -> list[pl.Expr]:
    tunnel = pl.col("connect")
    return [
        pl.col("offset", "timestamp", "destination_port", "url_scheme", "url_domain"),
        pl.lit("web").alias("log_class"),
        pl.lit("E2guardian").alias("observer_vendor"),
        pl.lit("E2guardian").alias("observer_product"),
        pl.when(~pl.col("message").is_in(["", "-", "0"])).then("message").alias("event_code"),
        pl.col("what").str.extract(r"^\*([^*]+)\*").alias("event_action"),
        _outcome(),
        (pl.col("duration") * 1_000_000).alias("event_duration"),
        address("from").alias("source_ip"),
        machine_name("clienthost").alias("host_name"),
        split_account("who").struct.field("user_name", "user_domain"),
        pl.col("group").alias("user_group"),
        pl.when(~tunnel).then("where").alias("url_full"),
        pl.when(~tunnel).then("url_path").alias("url_path"),
        pl.when(~tunnel).then("url_query").alias("url_query"),
        pl.col("how").alias("http_request_method"),
        pl.when(pl.col("code") > 0).then("code").alias("http_response_status_code"),
        pl.col("mime").alias("http_response_mime_type"),
        pl.col("agent").alias("user_agent_original"),
        pl.when(pl.col("size") >= 0).then("size").alias("destination_bytes"),
        pl.col("search").alias("search_query"),
        pl.col("what").str.extract(r"^(?:\*[^*]*\* ?)+([^* -].*)$").str.strip_chars().alias("rule_name"),
        pl.col("category").alias("rule_category"),
        _reject(),
    ]


def _outcome() -> pl.Expr:
    what, code = pl.col("what"), pl.col("code")
    foreign = what.str.starts_with("*") & ~what.str.contains(_KNOWN) & (code == 403)
    unsure = what.str.contains(_NEITHER) | (code == 407) | foreign
    return verdict(what.str.contains(_DENIED), ~unsure.fill_null(value=False))


def _local(column: str, context: Context) -> pl.Expr:
    text = pl.col(column).str.replace(r"^(\d\d)\.", "20$1.")
    return utc_of_local(text.str.to_datetime("%Y.%m.%d %H:%M:%S", time_unit="us", strict=False), context.zone)


def _reject() -> pl.Expr:
    whole = pl.col("ok") & pl.col("where").is_not_null() & pl.col("code").is_not_null()
    return (
        pl.when(~whole.fill_null(value=False))
        .then(pl.lit("not the fields of an e2guardian log in format 1, 2 or 4 to 8"))
        .alias(REJECT)
    )


FORMAT: Final = Format(
    name="e2guardian",
    log_class="web",
    title="e2guardian or DansGuardian access log",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
)
