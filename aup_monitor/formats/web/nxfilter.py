r"""
NxFilter and NxCloud: DNS filter, its syslog export with fields parted by bars.

    NXFILTER|2026-01-12 08:45:01|Y|casino.example|alice|192.168.7.21|Pupils|gambling|Blocked by category|1|Year 9

The fields are: block (Y or N), domain, user, client, policy, category, reason, number of the question's type, and in newer
versions the group. A syslog header before `NXFILTER` is passed over.
Reference: https://nxfilter.org/tutorial.html (syslog exportation)

What it fills: time, question and its type, account, client, policy (`rule_name`), category, reason (`event_action`), group.

The outcome: Y is blocked, N is allowed.

Caveats: the time is local. It is DNS: a name was asked for, which a browser also does of itself. An account that is the
client's address is none.

Checked on 1 line of a public manual; from documentation, no real line seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, Format
from aup_monitor.core.hosts import clean_host
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.fields import address
from aup_monitor.formats.pieces import cut
from aup_monitor.formats.syslog import utc_of_local
from aup_monitor.formats.web._given import given, verdict

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_NAMES: Final = (
    *("mark", "time", "block", "domain", "user", "client", "policy", "category", "reason", "kind"),
    *("group", "more"),
)
_TYPES: Final = {
    "1": "A",
    "2": "NS",
    "5": "CNAME",
    "6": "SOA",
    "12": "PTR",
    "15": "MX",
    "16": "TXT",
    "28": "AAAA",
    "33": "SRV",
    "64": "SVCB",
    "65": "HTTPS",
    "255": "ANY",
}


_LOOKS: Final = r"\bNXFILTER\|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\|[YyNn]\|"


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    local = pl.col("time").str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False)
    block = pl.col("block").str.to_uppercase()
    whole = pl.col("kind").is_not_null() & block.is_in(["Y", "N"])
    return (
        lines.with_columns(pl.col("line").str.extract(r"(NXFILTER\|.*)$").alias("text"))
        .pipe(cut, "text", "|", _NAMES)
        .with_columns(given(name) for name in ("user", "policy", "category", "reason", "kind", "group"))
        .with_columns(pl.when(pl.col("user") != pl.col("client")).then("user").alias("user"))
        .select(
            "offset",
            utc_of_local(local, context.zone).alias("timestamp"),
            pl.lit("dns").alias("log_class"),
            pl.lit("NxFilter").alias("observer_vendor"),
            pl.lit("NxFilter").alias("observer_product"),
            pl.col("reason").alias("event_action"),
            verdict(block == "Y", block == "N"),
            address("client").alias("source_ip"),
            split_account("user").struct.field("user_name", "user_domain"),
            pl.col("group").alias("user_group"),
            clean_host("domain").alias("dns_question_name"),
            pl.col("kind").replace(_TYPES).str.replace(r"^(\d+)$", "TYPE$1").alias("dns_question_type"),
            pl.col("policy").alias("rule_name"),
            pl.col("category").alias("rule_category"),
            pl.when(~whole.fill_null(value=False))
            .then(pl.lit("not the fields of NxFilter's export"))
            .alias(REJECT),
        )
    )


FORMAT: Final = Format(
    name="nxfilter", log_class="dns", title="NxFilter DNS log", looks=_LOOKS, doc=__doc__, parse=parse
)
