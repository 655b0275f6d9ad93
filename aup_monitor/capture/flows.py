"""
Packets of a batch sorted into flows: those between the same two ends, in the order of their capture.

A flow ends where its client begins a new connection on the same port, and where it was quiet for long; what a flow of one batch
has to do with that of the batch before is `connections`' affair.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import polars as pl

from aup_monitor.capture.layers import TCP

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aup_monitor.capture.layers import Layers
    from aup_monitor.capture.packets import Numbers

FIN, SYN, RST, ACK = 1, 2, 4, 16
IDLE: Final = 120_000_000
IDLE_TCP: Final = 600_000_000
"""Microseconds of quiet after which what comes on the same ports is another connection."""
LINGER: Final = 10_000_000
"""The same for one that was ended."""
FIRST_PAYLOADS: Final = 8
"""So many of a flow's packets that carry something are looked at in any case."""


def patience(protocol: int, *, over: bool) -> int:
    """Return after how many microseconds of quiet a connection counts as another one."""
    if over:
        return LINGER
    return IDLE_TCP if protocol == TCP else IDLE


class Ends(NamedTuple):
    """What packets of one flow share: the two ends, lower one first, and the protocol."""

    low_high: int
    low_low: int
    high_high: int
    high_low: int
    low_port: int
    high_port: int
    protocol: int


@dataclass(frozen=True, slots=True)
class Flows:
    """
    The flows of a batch.

    `order` holds the packets' indexes, flow after flow; `begin` and `end` say where in `order` each flow lies.
    """

    ends: list[Ends]
    order: Numbers
    upward: NDArray[np.bool_]
    """For each of `order`: whether it went from the lower end to the higher."""
    begin: Numbers
    end: Numbers
    sizes: list[tuple[int, int]]
    """For each flow: payload bytes on the wire from the lower end, from the higher."""
    flags: list[tuple[int, int]]
    """For each flow: TCP flags seen from the lower end, from the higher, joined."""
    looked_at: NDArray[np.bool_]
    """For each of `order`: whether its payload is to be looked at."""


def flows_of(layers: Layers, here: Numbers, time: Numbers, heads: NDArray[np.bool_]) -> Flows:
    """
    Sort packets into flows.

    Args:
        layers: the headers of all packets.
        here: indexes of the packets to sort, in their order.
        time: when each packet was captured, microseconds.
        heads: for each packet: whether it begins something that is looked at wherever in a flow it stands.

    """
    upward = _upward(layers, here)
    keys, order, counts = _grouped(layers, here, upward)
    up = np.empty(len(time), bool)
    up[here] = upward
    up = up[order]
    edges = np.cumsum(counts) - counts
    begin = _split(layers, order, up, time, edges)
    owner = np.searchsorted(edges, begin, side="right") - 1
    end = np.append(begin[1:], len(order))
    carries = layers.length[order] > 0
    rank = np.cumsum(carries)
    rank = rank - np.repeat(rank[begin] - carries[begin], end - begin)
    return Flows(
        [keys[n] for n in owner.tolist()],
        order,
        up,
        begin,
        end,
        _both(np.add, layers.size[order], up, begin),
        _both(np.bitwise_or, layers.flags[order], up, begin),
        (carries & (rank <= FIRST_PAYLOADS)) | heads[order],
    )


def _upward(layers: Layers, here: Numbers) -> NDArray[np.bool_]:
    """Tell which packets go from the lower end (address, then port) to the higher."""
    lower: NDArray[np.bool_] = layers.source_port[here] < layers.destination_port[here]
    for half in ("low", "high"):
        source, destination = (
            getattr(layers, f"source_{half}")[here],
            getattr(layers, f"destination_{half}")[here],
        )
        lower = np.where(source == destination, lower, source < destination)
    return lower


def _grouped(layers: Layers, here: Numbers, upward: NDArray[np.bool_]) -> tuple[list[Ends], Numbers, Numbers]:
    """Return the distinct ends in the order in which they come, the packets of each after another, and how many they are."""

    def end(name: str, *, lower: bool) -> NDArray[Any]:
        source, destination = (
            getattr(layers, f"source_{name}")[here],
            getattr(layers, f"destination_{name}")[here],
        )
        chosen: NDArray[Any] = np.where(upward == lower, source, destination)
        return chosen

    frame = pl.DataFrame(
        {
            "low_high": end("high", lower=True),
            "low_low": end("low", lower=True),
            "high_high": end("high", lower=False),
            "high_low": end("low", lower=False),
            "low_port": end("port", lower=True),
            "high_port": end("port", lower=False),
            "protocol": layers.protocol[here],
            "packet": here,
        }
    )
    groups = frame.group_by(*Ends._fields, maintain_order=True).agg("packet")
    keys = [Ends(*row) for row in groups.select(Ends._fields).iter_rows()]
    counts = groups["packet"].list.len().cast(pl.Int64).to_numpy()
    return keys, groups["packet"].explode().to_numpy(), counts


def _split(layers: Layers, order: Numbers, up: NDArray[np.bool_], time: Numbers, edges: Numbers) -> Numbers:
    """Return where in `order` flows begin: at the edges, at a client's new connection, and after a long quiet."""
    place, flags = np.arange(len(order)), layers.flags[order]
    first = np.zeros(len(order), bool)
    first[edges] = True
    start = np.maximum.accumulate(np.where(first, place, 0))

    def latest(what: NDArray[np.bool_]) -> Numbers:
        """Return, for each place, the last one before it where this was so; -1: none."""
        upto = np.maximum.accumulate(np.where(what, place, -1))
        return np.concatenate([[-1], upto[:-1]])

    tcp = layers.protocol[order] == TCP
    fresh = tcp & (flags & (SYN | ACK) == SYN)
    before = latest(fresh)
    repeated = (before >= start) & (layers.sequence[order] == layers.sequence[order][before])
    ended = tcp & (flags & FIN != 0)
    over = (latest(tcp & (flags & RST != 0)) >= start) | (
        np.minimum(latest(ended & up), latest(ended & ~up)) >= start
    )
    quiet = np.where(over, LINGER, np.where(tcp, IDLE_TCP, IDLE))
    late = np.diff(time[order], prepend=time[order][:1]) > quiet
    begins: Numbers = np.flatnonzero(first | (fresh & ~repeated) | late)
    return begins


def _both(how: np.ufunc, values: Numbers, up: NDArray[np.bool_], begin: Numbers) -> list[tuple[int, int]]:
    """Return, for each flow, the values of either direction taken together."""
    sides = (how.reduceat(np.where(side, values, 0), begin).tolist() for side in (up, ~up))
    return list(zip(*sides, strict=True))
