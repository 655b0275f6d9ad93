"""Hosts that nobody goes to: by a list written by hand, or by two others."""

from __future__ import annotations

from typing import Final

import polars as pl

from aup_monitor.core.lookup import FOUND_SCHEMA
from aup_monitor.core.resources import resource
from aup_monitor.detect.facts import load_facts
from aup_monitor.detect.quiet import QuietHosts
from aup_monitor.lists import load_lists

NOISE: Final = """
securepubads.g.doubleclick.net www.google-analytics.com connect.facebook.net bat.bing.com static.hotjar.com
ib.adnxs.com cdn.taboola.com pagead2.googlesyndication.com www.googletagmanager.com ctldl.windowsupdate.com
settings-win.data.microsoft.com captive.apple.com www.msftconnecttest.com connectivitycheck.gstatic.com
ocsp.digicert.com crl3.digicert.com r3.o.lencr.org time.windows.com pool.ntp.org fonts.gstatic.com
cdn.jsdelivr.net cdnjs.cloudflare.com platform.twitter.com e1234.a.akamaiedge.net clients4.google.com
swcdn.apple.com detectportal.firefox.com
"""
SITES: Final = (
    "www.bbc.co.uk www.google.com www.bet365.com www.facebook.com twitter.com en.wikipedia.org apple.com"
)
LEVELS: Final = {"list.ads": 1, "list.cdn": 2, "list.absent": 1}


class CountingList:
    """A list of whole names that remembers what it was asked."""

    def __init__(self, entries: dict[str, str]) -> None:
        self.entries = entries
        self.asked: list[str] = []

    def find(self, values: pl.Series) -> pl.DataFrame:
        """Return what is on the list (`core.lookup.Lookup`)."""
        self.asked += values.to_list()
        found = [(value, value, self.entries[value]) for value in values if value in self.entries]
        return pl.DataFrame(found, schema=FOUND_SCHEMA, orient="row")


def levels(quiet: QuietHosts, *hosts: str | None) -> list[int | None]:
    """Return the level of each host."""
    frame = pl.DataFrame({"host": hosts}, schema={"host": pl.String})
    return frame.select(quiet.level("host")).to_series().to_list()


def test_ours_or_two_others_must_say_so() -> None:
    """One downloaded list alone says nothing; of two levels the lower counts; a list that is not there is passed over."""
    ads = CountingList(
        {
            "a.example": "starter-ads",
            "b.example": "theirs",
            "c.example": "theirs,third",
            "d.example": "own-ads",
        }
    )
    cdn = CountingList({"a.example": "starter-cdn", "e.example": "starter-cdn"})
    quiet = QuietHosts({"list.ads": ads, "list.cdn": cdn}, LEVELS)

    assert levels(quiet, "a.example", "b.example", "c.example", "d.example", "e.example", "f.example", None) == [
        1, None, 1, 1, 2, None, None,
    ]  # fmt: skip


def test_each_host_is_asked_once() -> None:
    """What was learnt stays known, and nothing at all is no question."""
    ads = CountingList({"a.example": "starter-ads"})
    quiet = QuietHosts({"list.ads": ads}, LEVELS)
    quiet.learn(pl.Series(["a.example", "b.example", "a.example", None]))

    assert levels(quiet, "a.example", "b.example") == [1, None]
    assert levels(quiet) == []
    assert sorted(ads.asked) == ["a.example", "b.example"]


def test_the_lists_that_ship() -> None:
    """Advertising, trackers, updates and portals' checks are told from sites that people go to."""
    quiet = QuietHosts(load_lists([resource("rules")], None).lookups(), load_facts().noise.lists)
    noise, sites = NOISE.split(), SITES.split()

    assert [host for host, level in zip(noise, levels(quiet, *noise), strict=True) if level is None] == []
    assert [host for host, level in zip(sites, levels(quiet, *sites), strict=True) if level is not None] == []
