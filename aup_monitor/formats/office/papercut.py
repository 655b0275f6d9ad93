r"""
PaperCut Print Logger: CSV, one printed document a line.

    PaperCut Print Logger - https://www.papercut.com/
    Time,User,Pages,Copies,Printer,Document Name,Client,Paper Size,Language,Height,Width,Duplex,Grayscale,Size
    2026-01-14 10:14:09,r.okafor,3,30,Library printer,Worksheet,LIB-PC-07,A4,PCL6,,,NOT DUPLEX,GRAYSCALE,120kb

Reference: https://www.papercut.com/products/free-software/print-logger/manual/

What it fills: time (local, by the site's zone), account, computer (`host_name`), printer (`device_name`), pages of all copies
(`print_pages`: pages times copies), size (`source_bytes`). Class print.

Lacks: the document's name is read past, for it may name a pupil; what was refused; who fetched the paper.

From documentation, no real line seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.delimited import cells
from aup_monitor.formats.fields import number
from aup_monitor.formats.syslog import utc_of_local

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_LOOKS: Final = (
    r"^(?:PaperCut Print Logger|Time,User,Pages,Copies,Printer,|"
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,[^,]*,\d+,\d+,.*,(?:NOT )?DUPLEX,(?:NOT )?GRAYSCALE,\d+kb\s*$)"
)
_HEADS: Final = r"^(?:PaperCut Print Logger|Time,User,Pages,)"
_COLUMNS: Final = ("time", "user", "pages", "copies", "printer", "document", "client", "paper", "language", "height", "width",
                   "duplex", "grey", "size")  # fmt: skip


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    head = pl.col("line").str.contains(_HEADS)
    when = pl.col("time").str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False)
    printed = pl.col("pages").cast(pl.Int64, strict=False) * pl.col("copies").cast(pl.Int64, strict=False)
    counted = printed.cast(pl.Int32, strict=False)
    return (
        lines.pipe(cells, "line", _COLUMNS)
        .with_columns(utc_of_local(when, context.zone).alias("timestamp"), counted.alias("print_pages"))
        .with_columns(pl.col("size").str.strip_suffix("kb").alias("kilobytes"))
        .select(
            "offset",
            "timestamp",
            pl.lit("print").alias("log_class"),
            pl.lit("printed").alias("event_action"),
            pl.lit("allowed").alias("event_outcome"),
            pl.lit("PaperCut").alias("observer_vendor"),
            pl.lit("Print Logger").alias("observer_product"),
            split_account("user").struct.field("user_name", "user_domain"),
            pl.col("client").alias("host_name"),
            pl.col("printer").alias("device_name"),
            "print_pages",
            (number("kilobytes") * 1024).alias("source_bytes"),
            pl.when(head)
            .then(None)
            .when(pl.col("timestamp").is_null() | pl.col("print_pages").is_null())
            .then(pl.lit("no time, or no number of pages and copies, where the print log has them"))
            .alias(REJECT),
            head.alias(SKIP),
        )
    )


FORMAT: Final = Format(
    name="papercut", log_class="print", title="PaperCut print log", looks=_LOOKS, doc=__doc__, parse=parse
)
