"""Breaches on computers, in Squid's log."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from elm_park.chance import dice, token
from elm_park.squid import Browser
from elm_park.term import at, later

if TYPE_CHECKING:
    from elm_park.school import School

TRANSLATED: Final = "https://www-coolmathgames-com.translate.goog"


def _browser(school: School, user: str) -> Browser:
    return Browser(school.book, school.people[user], dice("breach", user))


def plant(school: School) -> None:
    """Write all of them down."""
    _gambling(school)
    _ways_round(school)
    _proxies(school)
    _translation(school)
    _hiding(school)
    _adult(school)
    _others(school)
    _summer(school)


def _gambling(school: School) -> None:
    pupil, day = _browser(school, "24dbrennan"), date(2026, 9, 18)
    pupil.denied(at(day, "13:22:41"), "CONNECT www.williamhill.com:443")
    why = "Blocked once and not asked for again: a link in a sports article, most likely."
    school.planted.breach("gambling_site", pupil.person, [day], "all", why)
    pupil, day = _browser(school, "22qchowdhury"), date(2026, 10, 9)
    pupil.search(at(day, "14:31:10"), "football accumulator tips this weekend")
    why = "A search for betting tips by a Year 11 pupil, which the search engine answered."
    school.planted.breach("gambling_search", pupil.person, [day], "none", why)


def _ways_round(school: School) -> None:
    asked = (
        ("23rdoyle", date(2026, 9, 18), "free vpn for school"),
        ("23rdoyle", date(2026, 9, 21), "vpn that works on school wifi"),
        ("24knguyen", date(2026, 9, 30), "unblock youtube at school"),
        ("26hlewis", date(2026, 10, 14), "unblocked games"),
        ("22wstewart", date(2026, 10, 12), "download tor browser"),
    )
    for user, day, text in asked:
        pupil = _browser(school, user)
        pupil.search(at(day, "10:41:19"), text)
        school.planted.breach("bypass_search", pupil.person, [day], "none", f"Searched for: {text}.")


def _proxies(school: School) -> None:
    pupil, day = _browser(school, "24knguyen"), date(2026, 9, 30)
    pupil.denied(at(day, "10:44:02"), "CONNECT www.croxyproxy.com:443")
    pupil.denied(at(day, "10:47:55"), "CONNECT www.proxysite.com:443")
    pupil.tunnel(at(day, "10:50:31"), "www.blockaway.net")
    why = "Two web proxies were blocked, and a third was then reached."
    school.planted.breach("web_proxy_site", pupil.person, [day], "some", why)
    pupil = _browser(school, "23hrahman")
    days = [date(2026, 10, 5), date(2026, 10, 7)]
    for day in days:
        moment = at(day, "14:16:20")
        for page in ("front", "games", "chat"):
            path = f"/service/hvtrs8%2F-{token(page, 24)}"
            pupil.get(moment, f"https://study-notes-2b.pages.dev{path}")
            moment = later(moment, pupil.luck, 20, 70)
    why = "A proxy on free web space, told by the shape of its addresses."
    school.planted.breach(["proxy_address_shape", "free_host_proxy"], pupil.person, days, "none", why)


def _translation(school: School) -> None:
    pupil = _browser(school, "25lnowak")
    days = [date(2026, 9, 23), date(2026, 9, 25)]
    for day in days:
        pupil.get(at(day, "11:31:07"), f"{TRANSLATED}/0-run-3?_x_tr_sl=cy&_x_tr_tl=en")
        pupil.get(at(day, "11:36:40"), f"{TRANSLATED}/0-papas-games?_x_tr_sl=cy&_x_tr_tl=en")
    why = "Read a games site through the translation of web pages, from and to no language of its own."
    school.planted.breach("translate_proxy_host", pupil.person, days, "none", why)
    day = date(2026, 9, 23)
    address = "https://translate.google.com/translate?sl=cy&tl=en&u=https://www.coolmathgames.com/"
    pupil.get(at(day, "11:30:52"), address)
    why = "Asked a translation service for a whole page: how the visit began."
    school.planted.breach("translate_proxy_page", pupil.person, [day], "none", why)


def _hiding(school: School) -> None:
    pupil, day = _browser(school, "22wstewart"), date(2026, 10, 12)
    pupil.denied(at(day, "10:42:30"), "CONNECT www.torproject.org:443")
    pupil.denied(at(day, "10:43:05"), "CONNECT www.torproject.org:443")
    why = "Asked twice for the site of Tor, after a search for its browser."
    school.planted.breach("tor_site", pupil.person, [day], "all", why)
    teacher, day = _browser(school, "y.chen"), date(2026, 10, 1)
    teacher.tunnel(at(day, "16:05:00"), "www.startpage.com")
    why = "A search service that hides who asks; preparing a lesson on privacy."
    school.planted.breach("anonymous_search", teacher.person, [day], "none", why)
    governor, day = _browser(school, "gov.dhartley"), date(2026, 9, 24)
    governor.tunnel(at(day, "17:02:14"), "mail.proton.me")
    why = "Read private e-mail at a service that encrypts it, before a governors' meeting."
    school.planted.breach("encrypted_message_service", governor.person, [day], "none", why)


def _adult(school: School) -> None:
    pupil, day = _browser(school, "25dtaylor"), date(2026, 10, 6)
    pupil.search(at(day, "09:48:12"), "xxx videos", allowed=False)
    why = "A search that the filter stopped."
    school.planted.breach("adult_search", pupil.person, [day], "all", why)
    supply, day = _browser(school, "h.pryce"), date(2026, 9, 22)
    supply.denied(at(day, "08:21:37"), "CONNECT men.com:443")
    why = "Meant a shop for men's clothing; blocked once, and reported by himself (self_reports.yml)."
    school.planted.breach("adult_site", supply.person, [day], "all", why)


def _others(school: School) -> None:
    engineer, day = _browser(school, "ext.mwallis"), date(2026, 9, 16)
    for clock in ("10:02:10", "10:31:44"):
        engineer.tunnel(at(day, clock), "relay-7f3a.net.anydesk.com")
    why = "The boiler's maker looked at its controls from afar, as agreed."
    school.planted.breach("remote_access_site", engineer.person, [day], "none", why)
    teacher, day = _browser(school, "t.baptiste"), date(2026, 10, 2)
    teacher.get(
        at(day, "15:40:21"), "https://web.archive.org/web/2012/http://www.history.example/normans.html"
    )
    why = "Read the stored copy of a page that is no longer there, for a lesson."
    school.planted.breach("archive_proxy", teacher.person, [day], "none", why)
    pupil, day = _browser(school, "26fpatel"), date(2026, 9, 11)
    pupil.get(at(day, "09:33:50"), "https://downloads.blockcraft.example/launcher/setup.exe")
    why = "Fetched the installer of a game."
    school.planted.breach("program_download", pupil.person, [day], "none", why)


def _summer(school: School) -> None:
    """Plant the half-term before, so that a trend has something to stand on."""
    pupil, day = _browser(school, "23tchowdhury"), date(2026, 7, 8)
    pupil.search(at(day, "11:42:00"), "proxy unblocker")
    school.planted.breach("bypass_search", pupil.person, [day], "none", "Searched for: proxy unblocker.")
    pupil, day = _browser(school, "22tclarke"), date(2026, 7, 14)
    pupil.denied(at(day, "13:25:09"), "CONNECT www.proxysite.com:443")
    school.planted.breach("web_proxy_site", pupil.person, [day], "all", "A web proxy, blocked once.")
    staff, days = _browser(school, "d.lister"), [date(2026, 7, 9), date(2026, 7, 16)]
    for day in days:
        staff.denied(at(day, "12:33:20"), "CONNECT www.skybet.com:443")
    why = "Betting at lunch, on a computer whose filter blocks it."
    school.planted.breach("gambling_site", staff.person, days, "all", why)
