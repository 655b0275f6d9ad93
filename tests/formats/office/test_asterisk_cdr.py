"""Asterisk's call records: which way, to what number, how long."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from aup_monitor.core.format import Context
from aup_monitor.formats.office.asterisk_cdr import FORMAT
from aup_monitor.formats.reader import read_blocks

SAMPLE = Path(__file__).parents[3] / "sample_logs" / "formats" / "asterisk-cdr.csv"


def test_the_sample() -> None:
    """Out, in and within; whose the telephone is; the time that was spoken; what became of it."""
    blocks = read_blocks(FORMAT, io.BytesIO(SAMPLE.read_bytes()), Context(zone="Europe/London"))
    rows = pl.concat([block.frame for block in blocks])
    told = rows.select(
        "event_action", "phone_number", "host_name", "user_name", "event_outcome", "event_duration"
    )

    assert told.rows()[:4] == [
        ("outbound", "01632960123", "PJSIP/201", None, "allowed", 126_000_000_000),
        ("outbound", "09061234567", "PJSIP/202", "j.marsh", "allowed", 3_946_000_000_000),
        ("inbound", "01632960124", "PJSIP/201", None, "unknown", 0),
        ("internal", "202", "PJSIP/201", None, "blocked", 0),
    ]
    assert rows["reject"].is_not_null().to_list() == [False] * 4 + [True, True]
    assert rows["timestamp"][1] == datetime(2026, 7, 14, 11, 14, 9, tzinfo=UTC)
