"""`aup capture`: read a network interface into the lake."""

from __future__ import annotations

import signal
import sys
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import click

from aup_monitor.cli.context import State, now, pass_state
from aup_monitor.cli.plain import say
from aup_monitor.jobs.capture import Order, capture

if TYPE_CHECKING:
    from aup_monitor.core.tally import Tally


@click.command(name="capture")
@click.option(
    "--interface", required=True, metavar="NAME", help="Interface to read, as `ip link` shows it: eth0."
)
@click.option("--site", help="Site that it is at; else the first in aup.toml.")
@click.option("--duration", type=click.FloatRange(min=0.1), metavar="SECONDS", help="Stop after so long.")
@click.option(
    "--filter",
    "only",
    metavar="BPF",
    help="Take only these packets, as tcpdump's filters say it: 'net 192.0.2.0/24'.",
)
@click.option(
    "--keep-pcap",
    "keep",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the packets to a new file, too. They hold what people sent in clear.",
)
@pass_state
def command(  # noqa: PLR0913 - one parameter an option
    state: State,
    interface: str,
    site: str | None,
    duration: float | None,
    *,
    only: str | None,
    keep: Path | None,
) -> None:
    """
    Read a network interface into the lake: look-ups, server names, requests, connections.

    It runs until Ctrl-C, or for --duration. Packets are looked into and forgotten; nothing of them is written to disk unless
    --keep-pcap asks for it. Connect it to a mirror port of the switch, before addresses are translated.

    \b
    Example:
      aup capture --interface eth0 --duration 3600 --filter 'net 192.0.2.0/24'
    """
    workspace = state.workspace()
    if keep is not None:
        say(
            f"Warning: {keep} will hold whatever is sent in clear, of everyone on this network. Under UK GDPR you need a reason for "
            "it (a data protection impact assessment), must keep it safe, and delete it as soon as the reason is gone.",
            err=True,
        )
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    order = Order(
        interface,
        site or workspace.config.first_site,
        timedelta(seconds=duration) if duration else None,
        only,
        keep,
    )
    tally = capture(workspace, order, now, stop.is_set, _show)
    say(
        f"{tally.lines:,} packets that may tell something: {tally.events:,} events, {tally.rejects:,} bad packets"
    )
    for note in tally.notes:
        say(f"Note: {note}", err=True)
    sys.exit(tally.exit_code(strict=False))


def _show(tally: Tally) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{tally.lines:,} packets, {tally.events:,} events", nl=False, err=True)
