"""
Capture an interface into the lake: what was seen is committed every few seconds, through the same door as a file's events.

Each run is a source of its own, whose records are its packets. Packets themselves are kept only where the user asks for it.
"""

from __future__ import annotations

import struct
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from aup_monitor.capture.extract import Extractor
from aup_monitor.capture.live import Interface
from aup_monitor.capture.pcap import FORMAT
from aup_monitor.core.errors import ConfigError, StoreError
from aup_monitor.core.files import FINGERPRINT_BYTES, fingerprint
from aup_monitor.core.locks import locked
from aup_monitor.core.tally import Tally
from aup_monitor.formats.completed import completed
from aup_monitor.formats.reader import Block
from aup_monitor.jobs.reading import Reading
from aup_monitor.lake import Batch, Lake

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

    from aup_monitor.capture.packets import Packets
    from aup_monitor.core.workspace import Workspace

FLUSH: Final = timedelta(seconds=5)
"""How often events are committed."""
MOST_PACKETS: Final = 10_000
"""Packets that are looked at together."""
WAIT: Final = 0.25
"""Seconds after which the clock is looked at even if no packet comes."""
COMPACT_EVERY: Final = 60
"""Commits after which the many small files that they make are put together."""
PATIENCE: Final = 60
"""Seconds for which the last commit waits while another command writes."""
MOST_WAITING: Final = 2_000_000
"""Rows that may wait while another command writes to the lake; past it the capture ends rather than fill the memory."""


@dataclass(frozen=True)
class Order:
    """What to capture."""

    interface: str
    site: str
    duration: timedelta | None = None
    only: str | None = None
    """A further filter in libpcap's language."""
    keep: Path | None = None
    """File that the packets are written to; None: they are not kept."""


class Clock(Protocol):
    """The present moment, aware."""

    def __call__(self) -> datetime:
        """Return it."""
        ...


def capture(
    workspace: Workspace,
    order: Order,
    clock: Clock,
    stopped: Callable[[], bool],
    progress: Callable[[Tally], None] = lambda _tally: None,
) -> Tally:
    """
    Capture until the duration is over or `stopped` says so; what was captured is in the lake then.

    Raises:
        ConfigError: no such site or interface, or the filter does not compile.
        InputError: this account may not capture, or the interface went away.

    """
    if order.site not in workspace.config.sites:
        known = ", ".join(workspace.config.sites)
        raise ConfigError(f"there is no site {order.site!r} (known: {known})", fix="aup capture --site NAME")
    begin = clock()
    with Interface(order.interface, order.only) as interface:
        intake = _Intake(workspace, order, begin)
        keeper = _Keeper(order.keep, interface.link) if order.keep else None
        extractor, flushed = Extractor(live=True), begin
        try:
            while not stopped() and (order.duration is None or clock() - begin < order.duration):
                packets = interface.packets(MOST_PACKETS, WAIT)
                if keeper:
                    keeper.write(packets)
                now = clock()
                intake.put(extractor.take(packets, int(now.timestamp() * 1_000_000)))
                if now - flushed >= FLUSH:
                    intake.tally_dropped(interface.dropped_now())
                    intake.flush()
                    progress(intake.tally)
                    flushed = now
        finally:
            # Whatever ended it: what was seen is kept.
            intake.put(extractor.finish())
            intake.tally_dropped(interface.dropped_now())
            intake.flush(last=True)
            if keeper:
                keeper.close()
    return intake.told()


class _Intake:
    """Where rows wait for the lake."""

    def __init__(self, workspace: Workspace, order: Order, begin: datetime) -> None:
        name = f"{order.interface} from {begin.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
        self._folder = workspace.lake
        self._reading = Reading(
            Path(name),
            order.site,
            workspace.config.sites[order.site].zone,
            FORMAT,
            fingerprint(name.encode().ljust(FINGERPRINT_BYTES, b"\0")),
            begin,
            FINGERPRINT_BYTES,
            0,
        )
        self._batch, self._end, self._dropped, self._flushes = Batch(), 0, 0, 1
        self.tally = Tally(files=1)

    def put(self, rows: pl.DataFrame) -> None:
        """Take rows in."""
        if len(rows):
            block = Block(completed(FORMAT, rows), int(rows["offset"][-1]) + 1)
            self._reading.put(self._batch, block, self._end, self.tally)
            self._end = block.end

    def tally_dropped(self, packets: int) -> None:
        """Count packets that the kernel dropped."""
        self._dropped += packets

    def flush(self, *, last: bool = False) -> None:
        """Commit what waits. While another command writes to the lake it waits on; at the end, for `PATIENCE` seconds."""
        if not self._batch.rows:
            return
        for attempt in range(PATIENCE if last else 1):
            try:
                self._commit(compact=last or self._flushes % COMPACT_EVERY == 0)
            except StoreError:
                if self._batch.rows > MOST_WAITING or attempt == PATIENCE - 1:
                    raise
                if last:
                    time.sleep(1)
            else:
                return

    def _commit(self, *, compact: bool) -> None:
        with locked(self._folder / ".lock"):
            lake = Lake(self._folder)
            lake.commit(self._batch)
            if compact:
                lake.compact()
        self._batch = Batch()
        self._flushes += 1

    def told(self) -> Tally:
        """Return the counts, with a note where packets were lost."""
        if self._dropped:
            self.tally.notes.append(
                f"{self._dropped:,} packets came faster than they could be read, and were lost; narrow it: aup capture --filter ..."
            )
        return self.tally


class _Keeper:
    """A pcap file that packets are written to."""

    def __init__(self, path: Path, link: int) -> None:
        """Make the file, readable for this account alone."""
        try:
            path.touch(mode=0o600, exist_ok=False)
        except OSError as exc:
            raise ConfigError(
                f"the file cannot be made ({exc.strerror})", where=path, fix="name one that is not there yet"
            ) from exc
        self._file = path.open("wb")
        self._file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262_144, link))

    def write(self, packets: Packets) -> None:
        """Write packets."""
        data = packets.data.tobytes()
        for start, size, moment in zip(
            packets.start.tolist(), packets.captured.tolist(), packets.time.tolist(), strict=True
        ):
            self._file.write(struct.pack("<4I", *divmod(moment, 1_000_000), size, size))
            self._file.write(data[start : start + size])

    def close(self) -> None:
        """Write what is buffered."""
        self._file.close()
