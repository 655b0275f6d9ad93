r"""
Gmail's e-mail log search: the CSV that the Google admin console exports.

    Message ID,Start date,End date,Sender,Message size,Subject,Direction,Attachments,Recipient address,Event target,Event date,Event status,Event target IP address
    <a1@mail.elmpark.example>,2026/01/14 10:14:09 UTC,2026/01/14 10:14:10 UTC,b.lee@elmpark.example,20480,Re: Thursday,Sent,1,home@mail.example,SMTP_OUT,2026/01/14 10:14:10 UTC,DELIVERED,198.51.100.25

Columns are found by their names. Reference: https://support.google.com/a/answer/13828463

What it fills: time (of the event, else when the message began), `email_from_address`, `email_to_address`, `email_subject`,
`email_direction`, size (`source_bytes`), what became of it (`event_action`), where it was handed to (`event_code`: SMTP_OUT,
GMAIL_INBOX, ...; `destination_ip`). The account is the sender of what went out, and of what came in the recipient, if there is one
alone. The client's kind (WEB, IOS, IMAP) is `user_agent_original`.

Outcome: delivered, accepted or received is allowed; bounced, rejected, dropped or quarantined is blocked; all else is unknown.

Lacks: what the message says, names of attachments, the computer that it was sent from. Caveats:
- One message is several lines: one for each recipient and step.
- The search keeps a month; it exports what was searched for, so that a day without lines may be a day not searched.
- A time without `UTC` or an offset is the school's.

From documentation, no real line seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.core.schema import TIME
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.fields import address, number
from aup_monitor.formats.mail._message import by_name, column_names, own_account, plain_addresses
from aup_monitor.formats.syslog import utc_of_local

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

HEADER: Final = r'(?i)^"?Message ID"?,"?Start date"?,'
_WANTED: Final = {
    "event_date": "event date",
    "start": "start date",
    "sender": "sender",
    "recipient": "recipient address",
    "subject": "subject",
    "direction": "direction",
    "size": "message size",
    "target": "event target",
    "status": "event status",
    "address": "event target ip address",
    "client": "client type",
}
_NEEDED: Final = {"start date", "sender", "recipient address"}
_DIRECTIONS: Final = {"sent": "outbound", "received": "inbound", "mixed": "internal"}
_PASSED: Final = r"(?i)deliver|accept|insert|success|^sent|received"
_STOPPED: Final = r"(?i)bounce|reject|drop|fail|quarantine|undeliver|not[ _]deliver"


def sniff(head: bytes) -> float:
    """Say whether the first line names the columns of the export."""
    first = head.split(b"\n", 1)[0].decode("utf-8", "replace").strip()
    return float(set(column_names(first)) >= _NEEDED | {"message id"})


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    names = column_names(context.header)
    known = set(names) >= _NEEDED
    header = pl.col("line").str.contains(HEADER)
    way = (
        pl.col("direction")
        .str.to_lowercase()
        .replace_strict(_DIRECTIONS, default=None, return_dtype=pl.String)
    )
    return (
        lines.pipe(by_name, names, _WANTED)
        .with_columns(way.alias("way"), plain_addresses("recipient").alias("recipients"))
        .with_columns(own_account("way", "sender", "recipients").alias("account"))
        .select(
            "offset",
            pl.coalesce(_time("event_date", context), _time("start", context)).alias("timestamp"),
            pl.lit("mail").alias("log_class"),
            pl.col("target").alias("event_code"),
            pl.col("status").alias("event_action"),
            _outcome(),
            pl.lit("Google").alias("observer_vendor"),
            pl.lit("Gmail").alias("observer_product"),
            split_account("account").struct.field("user_name", "user_domain"),
            address("address").alias("destination_ip"),
            pl.col("client").alias("user_agent_original"),
            number("size").alias("source_bytes"),
            pl.col("sender").alias("email_from_address"),
            pl.col("recipients").alias("email_to_address"),
            pl.col("subject").alias("email_subject"),
            pl.col("way").alias("email_direction"),
            *_verdict(header, known=known),
        )
    )


def _time(column: str, context: Context) -> pl.Expr:
    text = pl.col(column).str.replace_all("/", "-", literal=True).str.replace(r"\s*(?:UTC|GMT|Z)$", "+0000")
    text = text.str.replace("T", " ", literal=True)
    aware = text.str.to_datetime("%Y-%m-%d %H:%M:%S%.f%z", time_unit="us", strict=False)
    naive = text.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us", strict=False)
    return pl.coalesce(aware.cast(TIME), utc_of_local(naive, context.zone))


def _outcome() -> pl.Expr:
    return (
        pl.when(pl.col("status").str.contains(_STOPPED))
        .then(pl.lit("blocked"))
        .when(pl.col("status").str.contains(_PASSED))
        .then(pl.lit("allowed"))
        .otherwise(pl.lit("unknown"))
        .alias("event_outcome")
    )


def _verdict(header: pl.Expr, *, known: bool) -> list[pl.Expr]:
    return [
        pl.when(header)
        .then(None)
        .when(pl.lit(not known))
        .then(pl.lit("no line before this one names the columns"))
        .when(pl.any_horizontal(pl.col("start", "sender", "recipients").is_null()))
        .then(pl.lit("not the columns of the e-mail log search"))
        .alias(REJECT),
        header.alias(SKIP),
    ]


FORMAT: Final = Format(
    name="google-email-log",
    log_class="mail",
    title="Gmail e-mail log search",
    sniff=sniff,
    doc=__doc__,
    parse=parse,
    header=HEADER,
)
