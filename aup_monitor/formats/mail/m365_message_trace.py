r"""
Microsoft 365 message trace: CSV of the Exchange admin centre's reports, or of `Get-MessageTrace | Export-Csv`.

    origin_timestamp_utc,sender_address,recipient_status,message_subject,total_bytes,original_client_ip,directionality
    2026-01-14T10:14:09.0000000Z,b.lee@elmpark.example,"home@mail.example##Receive, Send",Re: Thursday,20480,203.0.113.8,Originating

    "Received","SenderAddress","RecipientAddress","Subject","Status","ToIP","FromIP","Size"
    "14/01/2026 10:14:09","b.lee@elmpark.example","home@mail.example","Re: Thursday","Delivered","","203.0.113.8","20480"

The line that names the columns says which report it is: enhanced summary, extended, or PowerShell's (with or without `V2`),
in any order, whichever of them were chosen. Needed are the time, the sender and the recipient.
References: https://learn.microsoft.com/exchange/monitoring/trace-an-email-message/message-trace-modern-eac and
https://learn.microsoft.com/powershell/module/exchange/get-messagetracev2

What it fills: time, `email_from_address`, `email_to_address`, `email_subject`, `email_direction`, size (`source_bytes`), the
address that it was sent from, what became of it (`event_action`), connector (`rule_name`). The account is the sender of what
went out, and of what came in the recipient, if there is one alone.

Outcome: delivered or sent on is allowed (if one of several recipients had it); failed, quarantined or filtered as spam is
blocked; received so far, pending, expanded and all else is unknown.

Lacks: what the message says, attachments; in PowerShell's form the direction, and so the account. Caveats:
- Times are UTC. PowerShell writes them in the way of the computer it ran on: with AM or PM the month is read as first, else the day.
- The extended report has a line for each step, so that one message is several events.
- The address is the mail server's that handed the message over, in most cases, not the person's computer.
- A subject with a line break inside it would be two lines; both are rejects.

From documentation, no real line seen.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.core.schema import TIME
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.fields import address, number
from aup_monitor.formats.mail._message import by_name, column_names, own_account, plain_addresses

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_NAME: Final = r'"?[A-Za-z_ ()]+"?'
HEADER: Final = rf'(?i)^(?:{_NAME},)*"?sender_?address"?(?:,{_NAME})*$'
_WANTED: Final = {
    "time": "origin_timestamp_utc|origin_timestamp|date_time_utc|date_time|received",
    "sender": "sender_address|senderaddress",
    "recipient": "recipient_address|recipientaddress",
    "recipient_status": "recipient_status",
    "status": "status|event_id",
    "subject": "message_subject|subject",
    "direction": "directionality",
    "client": "original_client_ip|fromip|client_ip",
    "size": "total_bytes|size",
    "connector": "connector_id",
}
_DIRECTIONS: Final = {
    **dict.fromkeys(("1", "incoming", "inbound"), "inbound"),
    **dict.fromkeys(("2", "originating", "outbound"), "outbound"),
}
_PASSED: Final = r"(?i)\b(?:deliver(?:ed)?|send(?:external)?)\s*(?:;|$)"
"""The last that is said of one of the recipients: `Receive, Deliver`."""
_STOPPED: Final = r"(?i)\b(?:fail(?:ed)?|quarantined?|filteredasspam|drop)\s*(?:;|$)"


def sniff(head: bytes) -> float:
    """Say whether one of the first lines names the columns of a trace."""
    first = [line.decode("utf-8", "replace").strip() for line in head.split(b"\n", 3)[:3]]
    return float(any(re.search(HEADER, line) and _enough(column_names(line)) for line in first))


def _enough(names: list[str]) -> bool:
    """Tell whether a header names the time, the sender and the recipient."""
    needed = ([*_WANTED["time"].split("|")], ["recipient_address", "recipientaddress", "recipient_status"])
    return all(set(one) & set(names) for one in needed)


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    names = column_names(context.header)
    known = _enough(names)
    header = pl.col("line").str.contains(HEADER) | pl.col("line").str.starts_with("#TYPE ")
    return (
        lines.pipe(by_name, names, _WANTED)
        .with_columns(pl.col("recipient_status").str.replace_all("##[^;]*", "").alias("told"))
        .with_columns(pl.coalesce("recipient", "told").alias("recipients"))
        .with_columns(plain_addresses("recipients").alias("recipients"), _direction().alias("way"))
        .with_columns(own_account("way", "sender", "recipients").alias("account"))
        .select(*_columns(), *_verdict(header, known=known))
    )


def _direction() -> pl.Expr:
    word = pl.col("direction").str.to_lowercase()
    return word.replace_strict(_DIRECTIONS, default=None, return_dtype=pl.String)


def _columns() -> list[pl.Expr]:
    word = pl.coalesce("status", "recipient_status")
    last = pl.element().str.extract(r"([A-Za-z]+)\s*$").drop_nulls()
    each = pl.col("recipient_status").str.split(";").list.eval(last).list.unique(maintain_order=True)
    became = pl.coalesce("status", pl.when(each.list.len() > 0).then(each.list.join(",")))
    outcome = (
        pl.when(word.str.contains(_PASSED))
        .then(pl.lit("allowed"))
        .when(word.str.contains(_STOPPED))
        .then(pl.lit("blocked"))
        .otherwise(pl.lit("unknown"))
    )
    return [
        pl.col("offset"),
        _time().alias("timestamp"),
        pl.lit("mail").alias("log_class"),
        became.alias("event_action"),
        outcome.alias("event_outcome"),
        pl.lit("Microsoft").alias("observer_vendor"),
        pl.lit("Exchange Online").alias("observer_product"),
        address("client").alias("source_ip"),
        split_account("account").struct.field("user_name", "user_domain"),
        number("size").alias("source_bytes"),
        pl.col("connector").alias("rule_name"),
        pl.col("sender").alias("email_from_address"),
        pl.col("recipients").alias("email_to_address"),
        pl.col("subject").alias("email_subject"),
        pl.col("way").alias("email_direction"),
    ]


def _time() -> pl.Expr:
    """Return the time, of ISO 8601, or as PowerShell writes it: with AM or PM in the American order."""
    text = pl.col("time")
    written = [
        text.str.strip_suffix("Z").str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", time_unit="us", strict=False),
        text.str.to_datetime("%m/%d/%Y %I:%M:%S %p", time_unit="us", strict=False),
        text.str.to_datetime("%d/%m/%Y %H:%M:%S", time_unit="us", strict=False),
    ]
    return pl.coalesce(written).dt.replace_time_zone("UTC").cast(TIME)


def _verdict(header: pl.Expr, *, known: bool) -> list[pl.Expr]:
    return [
        pl.when(header)
        .then(None)
        .when(pl.lit(not known))
        .then(pl.lit("no line before this one names the columns"))
        .when(pl.any_horizontal(pl.col("time", "recipients").is_null()))
        .then(pl.lit("not the columns of a message trace"))
        .alias(REJECT),
        header.alias(SKIP),
    ]


FORMAT: Final = Format(
    name="m365-message-trace",
    log_class="mail",
    title="Microsoft 365 message trace",
    sniff=sniff,
    doc=__doc__,
    parse=parse,
    header=HEADER,
)
