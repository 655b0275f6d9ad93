r"""
Olfeo SaaS, the cloud gateway: pages and DNS questions as JSON.

    {"display_name":"Alice Example","category_label":"Gambling","url":"https://casino.example/","action":"block",
     "domain":"casino.example","src_ip":"203.0.113.5","timestamp":1768207501852,"type":"proxy",...}     (one line)

One flat object a line, whose fields may come in any order.
Reference: https://docs.sekoia.io/integration/categories/network_security/olfeo_saas/ (Olfeo's own documentation is for its
customers)

What it fills: time (milliseconds, UTC), person, groups, client and its port, address and its parts, server, method, status,
bytes, how long it took, category, policy, verdict; of DNS the question, its answers, and its type as the last answer has it.

Class: `type` dns is `dns`, the rest `web`. The outcome: allow is allowed, block is blocked, any other word unknown.

Lacks: media type, browser, referrer, machine. Caveats:
- `user_name` is the name that the directory shows (`display_name`), not an account: the log has no other.
- The client of a DNS question is often not there.
- The category's name is in the language that the school chose.

Checked by hand on 2 published events, one of each type, beside an independent parse; neither is in the tests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, Format
from aup_monitor.core.hosts import clean_host
from aup_monitor.core.schema import TIME
from aup_monitor.formats.fields import address, number, outcome, port
from aup_monitor.formats.json_values import is_object, json_list, json_texts
from aup_monitor.formats.urls import split_url

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_KEYS: Final = {
    "time": "timestamp",
    "kind": "type",
    "person": "display_name",
    "client": "src_ip",
    "client_port": "src_port",
    "server": "dest_ip",
    "url": "url",
    "host": "domain",
    "method": "http_method",
    "status": "user_status_code",
    "sent": "user_sent_bytes",
    "received": "user_received_bytes",
    "taken": "user_response_time_ms",
    "category": "category_label",
    "policy": "policy_name",
    "action": "action",
    "answer": "dns_answer",
}
_LATEST: Final = 4_102_444_800_000  # the year 2100, in milliseconds
_RECORD: Final = r"\sIN\s+([A-Z0-9]+)\s+(\S+)"

_WHO: Final = r'"(?:display_name|directory_name)" *:'
_WHAT: Final = r'"(?:category_label|theme_label)" *:'
_LOOKS: Final = rf"\{{.*{_WHO}.*{_WHAT}|\{{.*{_WHAT}.*{_WHO}"


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:  # noqa: ARG001 - the service writes UTC
    """Turn lines into events; see the module's page."""
    tunnel = (pl.col("method") == "CONNECT").fill_null(value=False)
    bare = pl.col("url").str.replace("^[a-z]+://", "").str.strip_suffix("/")
    return (
        json_texts(lines, "line", _KEYS)
        .with_columns(tunnel.alias("tunnel"), json_list("line", "groups_name").alias("groups"))
        .with_columns(pl.when("tunnel").then(bare).otherwise("url").alias("address"))
        .pipe(split_url, "address")
        .select(_columns())
    )


def _columns() -> list[pl.Expr]:
    millis = pl.col("time").cast(pl.Int64, strict=False)
    question = pl.when(pl.col("kind") == "dns")
    page = pl.when(pl.col("kind").ne_missing("dns"))
    status = pl.col("status").cast(pl.Int32, strict=False)
    whole = ~pl.col("tunnel") & pl.col("url_scheme").is_not_null()
    return [
        pl.col("offset", "url_scheme", "url_path", "url_query", "destination_port"),
        pl.when(millis.is_between(1, _LATEST))
        .then(millis)
        .cast(pl.Datetime("ms", "UTC"))
        .cast(TIME)
        .alias("timestamp"),
        question.then(pl.lit("dns")).otherwise(pl.lit("web")).alias("log_class"),
        pl.lit("Olfeo").alias("observer_vendor"),
        pl.lit("SaaS").alias("observer_product"),
        pl.col("action").alias("event_action"),
        outcome(pl.col("action"), "allow|allowed", "block|blocked|deny").alias("event_outcome"),
        (number("taken") * 1_000_000).alias("event_duration"),
        address("client").alias("source_ip"),
        port("client_port").alias("source_port"),
        pl.col("person").alias("user_name"),
        pl.col("groups").alias("user_group"),
        address("server").alias("destination_ip"),
        question.then(pl.lit("dns")).alias("network_protocol"),
        pl.when(whole).then("address").alias("url_full"),
        page.then(pl.coalesce("url_domain", clean_host("host"))).alias("url_domain"),
        pl.col("method").alias("http_request_method"),
        pl.when(status > 0).then(status).alias("http_response_status_code"),
        number("sent").alias("source_bytes"),
        number("received").alias("destination_bytes"),
        question.then(clean_host("host")).alias("dns_question_name"),
        question.then(pl.col("answer").str.extract(rf"(?s).*{_RECORD}")).alias("dns_question_type"),
        question.then(_answers()).alias("dns_answers"),
        pl.col("policy").alias("rule_name"),
        pl.col("category").alias("rule_category"),
        _reject(),
    ]


def _answers() -> pl.Expr:
    """Return the answers of all records of the reply, joined by a comma."""
    records = pl.col("answer").str.extract_all(_RECORD)
    found = records.list.eval(pl.element().str.extract(_RECORD, 2).str.strip_chars_end(".;")).list.join(",")
    return pl.when(found != "").then(found)


def _reject() -> pl.Expr:
    lacking = pl.col("action").is_null() | pl.coalesce("url", "host").is_null()
    return (
        pl.when(~is_object("line"))
        .then(pl.lit("no whole JSON object in the line"))
        .when(lacking)
        .then(pl.lit("not an event of Olfeo"))
        .alias(REJECT)
    )


FORMAT: Final = Format(
    name="olfeo-saas",
    log_class="web",
    title="Olfeo SaaS log (JSON)",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
)
