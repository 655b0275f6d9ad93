r"""
File of leases of the ISC DHCP server (`dhcpd.leases`, `dhcpd6.leases`), also on pfSense and OPNsense.

A lease is written again whenever it changes, over several lines:

    lease 192.168.7.21 {
      starts 1 2026/01/12 08:45:02;
      ends 1 2026/01/12 09:45:02;
      cltt 1 2026/01/12 08:45:02;
      binding state active;
      hardware ethernet 00:53:0a:0b:0c:0d;
      client-hostname "lib-pc-04";
    }

Reference: https://kb.isc.org/docs/isc-dhcp-44-manual-pages-dhcpdleases

What it fills: the event stands on the line that closes the lease (of IPv6: on the one that closes its `iaaddr`). Its action is
the binding state; address, hardware address and the device's name; and that the device held the address from `starts` (of IPv6: when
the client last spoke) until `ends`, which holds for a lease that is over, too; or, of IPv6, that it was released. The time is when the client last spoke, of a lease that
is over when it ended. An active lease is allowed, the rest unknown.

What it lacks: accounts.

Caveats:

- Times are UTC, in either form of `db-time-format`.
- Of DHCPv6 the hardware address is that in the client's DUID, where it holds one. Prefixes (`ia-pd`) are nobody's address.
- An abandoned address, and one without a hardware address, is nobody's.
- dhcpd rewrites the file every hour without what is out of date. Read after that, it counts as another file.
- A lease of more than 256 lines, and one that was cut off, makes no event. Other declarations are skipped.

Checked on real lines: 17 leases in files of eight servers, by hand, and by eye on 5 that a dhcpd 4.4.3 wrote for a test.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.core.schema import TIME
from aup_monitor.formats import fields as f
from aup_monitor.formats.identity._holding import hardware, hardware_of_duid, name
from aup_monitor.formats.identity._quoted import octets, unquoted
from aup_monitor.formats.pieces import groups

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

LOOKBACK: Final = 256

_KEYS: Final = ("starts", "ends", "cltt", "binding state", "hardware ethernet", "client-hostname")
_STATEMENT: Final = rf"^(?<_key>{'|'.join(_KEYS)}) (?<_value>.+);(?: *#.*)?$"
_OPENS: Final = r"^(?<_block>[a-z][a-z0-9-]*) (?<_what>.*) \{$"
_PART: Final = r"^(?<_part>iaaddr|iaprefix) (?<_inner>[0-9A-Fa-f.:/]+) \{$"
_KNOWN: Final = r"^#|[;{}](?:\s*#.*)?$"

_LOOKS: Final = (
    r"^lease [0-9.]+ \{$|^ia-(?:na|ta|pd) \".*\" \{$|^# The format of this file is documented in the dhcpd.leases"
    r"|^\s*(?:starts|ends|tstp|tsfp|atsfp|cltt) (?:\d \d{4}/\d\d/\d\d|epoch \d+|never)|^\s*(?:next |rewind )?binding state [a-z]+;"
    r"|^\s*hardware ethernet [0-9a-f:]+;|^\s*client-hostname \"|^\s*iaaddr |^server-duid \"|^# This lease file was written by isc-dhcp"
)


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:  # noqa: ARG001 - a file in UTC needs none
    """Turn lines into events; see the module's page."""
    read = (
        lines.with_columns(pl.col("line").str.strip_chars().alias("_text"))
        .pipe(_blocks)
        .pipe(_units)
        .with_columns(_event().alias("_event"))
    )
    own = pl.when("_event")
    return (
        read.with_columns(own.then("_unit").alias("_ended"), own.then("_address"), own.then("_spoke"))
        .join(_said(read), left_on="_ended", right_on="_unit", how="left", maintain_order="left")
        .with_columns(_times())
        .select(
            "offset",
            _timestamp(),
            pl.lit("dhcp").alias("log_class"),
            pl.col("binding state").alias("event_action"),
            pl.when(pl.col("binding state") == "active")
            .then(pl.lit("allowed"))
            .otherwise(pl.lit("unknown"))
            .alias("event_outcome"),
            pl.lit("ISC").alias("observer_vendor"),
            pl.lit("ISC DHCP").alias("observer_product"),
            f.address("_address").alias("source_ip"),
            _hardware().alias("source_mac"),
            name(unquoted("client-hostname")).alias("host_name"),
            *_lease(),
            _reject(),
            (~pl.col("_event") & pl.col("_text").str.contains(_KNOWN)).alias(SKIP),
        )
    )


def _blocks(lines: pl.LazyFrame) -> pl.LazyFrame:
    """Add each line's outermost block (`lease`, `ia-na`, `host`), where it began, and how deep in it the line's end is."""
    text = pl.col("_text")
    step = text.str.ends_with("{").cast(pl.Int64) - (text == "}").cast(pl.Int64)
    begins = pl.col("_block").is_not_null()
    return (
        groups(lines.with_row_index("_row"), "line", _OPENS)
        .with_columns(pl.col("_row").cast(pl.Int64), step.cum_sum().alias("_level"))
        .with_columns(
            pl.when(begins).then("_row").alias("_began"),
            pl.when(begins).then(pl.col("_level") - 1).alias("_base"),
        )
        .with_columns(pl.col("_began", "_base", "_block", "_what").forward_fill())
        .with_columns((pl.col("_level") - pl.col("_base")).alias("_depth"))
    )


def _units(lines: pl.LazyFrame) -> pl.LazyFrame:
    """Add the address that each line is about, its number, and whether the line is inside: of a lease, or of an `iaaddr`."""
    own = (pl.col("_row") == pl.col("_began")).fill_null(False)
    lease = pl.col("_block") == "lease"
    opens = (own & lease) | pl.col("_part").is_not_null()
    outside = pl.col("_depth") <= pl.when(lease).then(0).otherwise(1)
    cltt = pl.when(~lease).then("_text").str.extract(r"^cltt (.+?);")
    return groups(lines, "_text", _PART).with_columns(
        (own | opens).cast(pl.Int64).cum_sum().alias("_unit"),
        pl.when(opens).then(True).when(outside).then(False).forward_fill().alias("_inside"),
        pl.when(own).then(pl.lit("")).otherwise(cltt).forward_fill().alias("_spoke"),
        pl.when(own & lease)
        .then("_what")
        .when(pl.col("_part") == "iaaddr")
        .then("_inner")
        .when(own | opens)
        .then(pl.lit(""))
        .forward_fill()
        .alias("_address"),
    )


def _said(lines: pl.LazyFrame) -> pl.LazyFrame:
    """Return what the statements of each address say, the last of each counting."""
    inside = lines.filter("_inside").select("_unit", "_text").pipe(groups, "_text", _STATEMENT)
    return (
        inside.filter(pl.col("_key").is_not_null())
        .group_by("_unit", maintain_order=True)
        .agg(pl.col("_value").filter(pl.col("_key") == key).last().alias(key) for key in _KEYS)
    )


def _times() -> list[pl.Expr]:
    """Read the three times; of IPv6 the start is when the client last spoke."""
    six = pl.col("_block") != "lease"
    return [
        _time(pl.when(six).then("_spoke").otherwise("starts")).alias("_since"),
        _time(pl.col("ends")).alias("_until"),
        _time(pl.when(six).then("_spoke").otherwise("cltt")).alias("_heard"),
    ]


def _time(text: pl.Expr) -> pl.Expr:
    """Return the time of `1 2026/01/12 08:45:02` or `epoch 1768211102`; null for `never`."""
    plain = text.str.slice(2).str.to_datetime("%Y/%m/%d %H:%M:%S", time_unit="us", strict=False)
    seconds = text.str.extract(r"^epoch (\d{1,10})$").cast(pl.Int64, strict=False)
    return pl.coalesce(plain.dt.replace_time_zone("UTC"), (seconds * 1_000_000).cast(TIME))


def _event() -> pl.Expr:
    """Tell the line that closes an address, if the block began near enough to be seen from any other."""
    closes = pl.col("_inside").shift(1) & ~pl.col("_inside") & (pl.col("_text") == "}")
    near = pl.col("_row") - pl.col("_began") <= LOOKBACK
    known = pl.col("_block").is_in(["lease", "ia-na", "ia-ta"]) & (pl.col("_address") != "")
    return (closes & near & known).fill_null(False)


def _timestamp() -> pl.Expr:
    over = ~pl.col("binding state").is_in(["active", "released"])
    ended = pl.when(over).then("_until")
    return pl.coalesce(ended, "_heard", "_since", "_until").alias("timestamp")


def _hardware() -> pl.Expr:
    duid = pl.when(pl.col("_event") & (pl.col("_block") != "lease")).then("_what")
    digits = duid.map_batches(_duids, return_dtype=pl.String, is_elementwise=True)
    return pl.coalesce(hardware("hardware ethernet"), hardware_of_duid(digits))


def _duids(quoted: pl.Series) -> pl.Series:
    """Return the hex digits of DUIDs that stand, after four bytes of another identifier, in a quoted text of octets."""
    distinct = quoted.drop_nulls().unique()
    return quoted.replace_strict(
        distinct, [octets(text)[4:].hex() for text in distinct], default=None, return_dtype=pl.String
    )


def _lease() -> list[pl.Expr]:
    """
    Return from when and until when the address was held.

    A released address of IPv6 keeps the `ends` that was promised; it came back when the client last spoke.
    """
    state = pl.col("binding state")
    back = (state == "released") & (pl.col("_block") != "lease")
    running = (state == "active") | pl.col("_until").is_not_null()
    held = _hardware().is_not_null() & (state != "abandoned") & running
    return [
        pl.when(held & ~back).then("_since").alias("lease_from"),
        pl.when(held & back).then("_heard").when(held).then("_until").alias("lease_to"),
    ]


def _reject() -> pl.Expr:
    odd = ~pl.col("_text").str.contains(_KNOWN)
    nameless = pl.col("_event") & (
        f.address("_address").is_null()
        | pl.col("binding state").is_null()
        | pl.coalesce("_since", "_heard").is_null()
    )
    return (
        pl.when(odd)
        .then(pl.lit("not a line of a lease file"))
        .when(nameless)
        .then(pl.lit("a lease without its address, state or times"))
        .alias(REJECT)
    )


FORMAT: Final = Format(
    name="isc-leases",
    log_class="dhcp",
    title="ISC DHCP lease file",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
    lookback=LOOKBACK,
)
