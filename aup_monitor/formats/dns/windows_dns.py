r"""
Debug log of Microsoft's DNS Server (`dns.log`), as on a school's domain controllers.

Lines look like this, after a head of thirty lines that explains them:

    12/01/2026 10:03:17 0E1C PACKET  0000017DEDFE28D0 UDP Rcv 192.168.7.21    966f   Q [0001   D   NOERROR] A      (3)www(7)example(3)org(0)
    12/01/2026 10:03:17 0E1C PACKET  0000017DEDFE28D0 UDP Snd 192.168.7.21    966f R Q [8081   DR  NOERROR] A      (3)www(7)example(3)org(0)

To switch it on: DNS Manager, the server's properties, Debug Logging; packets incoming, UDP and TCP, queries, request.
Reference: https://learn.microsoft.com/previous-versions/windows/it-pro/windows-server-2008-R2-and-2008/cc776361(v=ws.10)

What it fills: a question received (`Rcv`, not `R`) becomes an event with the time, the client's address, the name and
the type asked for, the transport; its outcome is unknown. An answer sent (`Snd`, `R`) becomes an event, with its
response code, only if the question was not logged or was refused.

What it lacks: accounts, the client's port, answers (also of the detailed form). A question is no proof of a visit.

Caveats:

- The date is written as the server's own region has it. Year first is read so; with AM or PM the month comes first
  (American: also the setting of many a British server's system account), else the day. A date that cannot be so is read
  the other way. A server set to write month first with 24 hours is misread on the first twelve days of a month.
- The time has no zone: the zone is the site's.
- What the server asks of others, and is told by them, is skipped, as are updates, notifications, details under a line
  and the head.
- Behind a second resolver the client is that resolver.
- The file starts anew when it is full: keep its size well over a day's worth, or copy it often.

Checked on 23 real lines of several servers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format, share_of_lines
from aup_monitor.formats.dns.questions import (
    LOOKBACK,
    asked_before,
    outcome_of,
    question_name,
    question_type,
)
from aup_monitor.formats.pieces import groups
from aup_monitor.formats.syslog import utc_of_local

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_STAMP: Final = r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4} \d{1,2}:\d\d:\d\d(?:[ \x{202F}][AP]M)? [0-9A-Fa-f]{3,8} "
# The third digit of the flags holds the bit that marks an answer (QR); a "R" before them says the same.
_PACKET: Final = (
    r"^(?<_one>[0-9]{1,4})[-/.](?<_two>[0-9]{1,2})[-/.](?<_three>[0-9]{1,4}) (?<_clock>[0-9:]+)(?:[ \x{202F}](?<_half>[AP]M))?"
    r" [0-9A-Fa-f]{3,8} PACKET +[0-9A-Fa-f]+ (?<_transport>UDP|TCP) +(?<_way>Snd|Rcv) (?<_remote>[0-9A-Fa-f.:]+) +"
    r"(?<_number>[0-9a-f]{4}) [R ] (?<_opcode>.) \[[0-9a-f]{2}(?<_bits>[0-9a-f])[0-9a-f] [^\]]*?(?<_code>[A-Z0-9]+)\] "
    r"(?<_type>\S+) +(?<_name>\S.*(?:\(0\)|\.)|\(0\)|\.) *$"
)
_HEAD: Final = (
    r"^\s|^(?:DNS Server log|Message logging key|Log file wrap|(?:UDP|TCP) (?:question|response) info)"
)


_LOOKS: Final = rf"^{_STAMP}PACKET +[0-9A-Fa-f]{{8,16}} (?:UDP|TCP) +(?:Snd|Rcv) "


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    answer = pl.col("_answer")
    code = pl.when(answer).then("_code")
    return (
        lines.pipe(groups, "line", _PACKET)
        .with_columns((pl.col("_bits") >= "8").alias("_answer"))
        .with_columns(
            (_standard("Rcv") & ~answer).fill_null(False).alias("_asks"),
            (_standard("Snd") & answer).fill_null(False).alias("_told"),
        )
        .pipe(asked_before, "_asks", ["_remote", "_number", "_name"])
        .select(
            "offset",
            utc_of_local(_local_time(), context.zone).alias("timestamp"),
            pl.lit("dns").alias("log_class"),
            pl.when(answer).then(pl.lit("reply")).otherwise(pl.lit("query")).alias("event_action"),
            outcome_of(code),
            pl.lit("Microsoft").alias("observer_vendor"),
            pl.lit("Windows DNS Server").alias("observer_product"),
            pl.col("_remote").str.to_lowercase().alias("source_ip"),
            pl.col("_transport").str.to_lowercase().alias("network_transport"),
            pl.lit("dns").alias("network_protocol"),
            question_name(pl.col("_name").str.replace_all(r"\(\d+\)", ".").str.strip_chars(".")),
            question_type("_type"),
            code.alias("dns_response_code"),
            _reject(),
            _skip(),
        )
    )


def sniff(head: bytes) -> float:
    """Say whether the head that explains the fields is there, else how many of the first lines are of packets."""
    if b"Message logging key (for packets" in head[:4096]:
        return 1.0
    return share_of_lines(head, _LOOKS)


def _standard(way: str) -> pl.Expr:
    return (pl.col("_way") == way) & (pl.col("_opcode") == "Q")


def _local_time() -> pl.Expr:
    """Return the time as written, with the parts of the date put in order."""
    one, two = (pl.col(name).cast(pl.Int32, strict=False) for name in ("_one", "_two"))
    american = pl.col("_half").is_not_null()
    month_first = (american & (one <= 12)) | (~american & (two > 12))
    date = (
        pl.when(one > 31)
        .then(pl.concat_str("_one", "_two", "_three", separator="-"))
        .when(month_first)
        .then(pl.concat_str("_three", "_one", "_two", separator="-"))
        .otherwise(pl.concat_str("_three", "_two", "_one", separator="-"))
    )
    whole = pl.concat_str(date, "_clock", pl.col("_half").fill_null(""), separator=" ").str.strip_chars_end()
    twelve = (
        pl.when(american).then(whole).str.to_datetime("%Y-%m-%d %I:%M:%S %p", time_unit="us", strict=False)
    )
    return pl.coalesce(
        twelve,
        pl.when(~american).then(whole).str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False),
    )


def _skip() -> pl.Expr:
    """Skip what is not a school computer's question, and answers to questions that are events already."""
    read = pl.col("_way").is_not_null()
    known = pl.col("asked_before") & (pl.col("_code") != "REFUSED")
    event = pl.col("_asks") | (pl.col("_told") & ~known)
    return pl.when(read).then(~event).otherwise(_other()).alias(SKIP)


def _other() -> pl.Expr:
    """Tell the head, details under a line, and what the server says that is of no packet."""
    return pl.col("line").str.contains(rf"{_HEAD}|^{_STAMP}(?:[A-OQ-Z]|PL)")


def _reject() -> pl.Expr:
    bad = pl.col("_way").is_null() & ~_other()
    return (
        pl.when(bad)
        .then(pl.lit("not a line of the DNS Server's debug log, or one that was cut off"))
        .alias(REJECT)
    )


FORMAT: Final = Format(
    name="windows-dns",
    log_class="dns",
    title="Windows DNS Server debug log",
    sniff=sniff,
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
    lookback=LOOKBACK,
)
