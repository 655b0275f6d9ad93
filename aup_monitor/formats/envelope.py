r"""
Envelopes: what a collector wraps round another program's line, whatever the format inside.

    <134>Jan 12 10:03:17 collector squid: 1768212197.049   5006 192.168.7.21 TCP_MISS/200 ...       syslog
    1 2026-01-12T10:03:17Z fw eve 12 - - {"timestamp":"2026-01-12T10:03:17+0000","event_type":...    syslog, RFC 5424
    {"@timestamp":"...","host":{"name":"proxy1"},"message":"1768212197.049   5006 192.168.7.21 ..."} Beats and others
    {"log":"1768212197.049   5006 192.168.7.21 ...\n","stream":"stdout","time":"..."}                containers

`enveloped` makes of a format the same format inside an envelope. The inner line says what happened and when; the envelope
lends the name of the machine where the line has none. Envelopes may stand inside one another (`ENVELOPES`).

References: https://www.rfc-editor.org/rfc/rfc3164, https://www.rfc-editor.org/rfc/rfc5424,
https://www.elastic.co/docs/reference/beats/filebeat/exported-fields-log,
https://docs.docker.com/engine/logging/drivers/json-file/
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Context, Format
from aup_monitor.formats.json_values import json_texts
from aup_monitor.formats.syslog import unwrap

if TYPE_CHECKING:
    from collections.abc import Callable

MESSAGE: Final = "_message"
MACHINE: Final = "_machine"

_STAMP: Final = (
    r"(?:[A-Z][a-z]{2} [ \d]\d (?:\d{4} )?\d\d:\d\d:\d\d(?: \d{4})?|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[^ ]*)"
)
_BARE: Final = rf"^(?:<\d{{1,3}}>)(?:{_STAMP} (?:(\S+) )?)?(.*)$|^{_STAMP} (\S+) (.*)$"
_TAB: Final = "#011"
"""How rsyslog and sysklogd write a tab (`$EscapeControlCharactersOnReceive`)."""


@dataclass(frozen=True)
class Envelope:
    """One way to wrap lines."""

    name: str
    open: Callable[[pl.LazyFrame, Context], pl.LazyFrame]
    """Add `_message`, the inner line (null where there is no such envelope), and `_machine` to the lines."""


def enveloped(fmt: Format, envelope: Envelope) -> Format:
    """Return the format as it stands inside the envelope; `fmt` has a `parse`."""
    parse = partial(_parse_inner, fmt, envelope)
    return replace(fmt, parse=parse, sniff=partial(_inner_score, fmt, envelope), header=None)


def inner_lines(head: bytes, envelope: Envelope) -> bytes:
    """Return the inner lines of a file's head; empty where fewer than half of its lines are in this envelope."""
    whole = head[: head.rfind(b"\n") + 1] or head
    text = [line.removesuffix("\r") for line in whole.decode("utf-8", "replace").split("\n") if line.strip()]
    lines = pl.LazyFrame(
        {"line": text[:200], "offset": range(len(text[:200]))}, schema={"line": pl.String, "offset": pl.Int64}
    )
    found = envelope.open(lines, Context()).select(MESSAGE).collect()[MESSAGE].drop_nulls()
    return "".join(f"{line}\n" for line in found).encode() if 2 * len(found) > len(text[:200]) else b""


def _inner_score(fmt: Format, envelope: Envelope, head: bytes) -> float:
    return fmt.score(inner_lines(head, envelope))


def _parse_inner(fmt: Format, envelope: Envelope, lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Parse the inner lines; one without an envelope is a reject."""
    if fmt.parse is None:
        raise ValueError(f"{fmt.name} is not a text format")
    opened = envelope.open(lines, context).select("offset", MESSAGE, MACHINE).collect()
    inner = opened.lazy().select(pl.col(MESSAGE).fill_null("").alias("line"), "offset")
    parsed = fmt.parse(inner, context)
    names = parsed.collect_schema().names()
    bare = pl.col(MESSAGE).is_null()
    logged = [pl.col("observer_name")] if "observer_name" in names else []
    skipped = [(pl.col(SKIP).fill_null(False) & ~bare).alias(SKIP)] if SKIP in names else []
    reason = pl.lit(f"no {envelope.name} envelope round the line")
    return (
        parsed.join(opened.lazy(), on="offset", how="left", maintain_order="left")
        .with_columns(
            pl.when(bare).then(reason).otherwise(REJECT).alias(REJECT),
            pl.coalesce(*logged, MACHINE).alias("observer_name"),
            *skipped,
        )
        .drop(MESSAGE, MACHINE)
    )


def _open_syslog(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Read the message of a whole envelope, else what follows the time and the machine of one without a program."""
    spare = pl.col("line").str.extract_groups(_BARE).struct
    whole = pl.col("program").str.contains(r"^[A-Za-z][\w./-]*$").fill_null(value=False)
    message = pl.when(whole).then("message").otherwise(pl.coalesce(spare["2"], spare["4"]))
    machine = pl.when(whole).then("observer_name").otherwise(pl.coalesce(spare["1"], spare["3"]))
    return unwrap(lines, context).select(
        *lines.collect_schema().names(),
        message.str.replace_all(_TAB, "\t", literal=True).alias(MESSAGE),
        machine.alias(MACHINE),
    )


_RAW: Final = r"original|log|MESSAGE|message|_raw|raw_event|rawMessage|RawMessage"
_HOST: Final = r"hostname|_HOSTNAME|Hostname|logsource"


def _open_json(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:  # noqa: ARG001 - JSON's envelope lends no time
    """Read the text that a collector keeps of the line: `message`, `event.original`, `log`, `MESSAGE`."""
    return json_texts(lines, "line", {MESSAGE: _RAW, MACHINE: _HOST}).with_columns(
        pl.col(MESSAGE).str.strip_chars_end("\r\n")
    )


SYSLOG: Final = Envelope("syslog", _open_syslog)
JSON: Final = Envelope("JSON", _open_json)
ENVELOPES: Final = ((SYSLOG,), (JSON,), (SYSLOG, SYSLOG), (SYSLOG, JSON), (JSON, SYSLOG))
"""The envelopes that are looked into, the outer one first."""
