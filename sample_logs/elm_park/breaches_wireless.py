"""Breaches on the wireless network, in the FortiGate's log. Hosts that end in `.example` are invented."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from elm_park.chance import dice
from elm_park.fortigate import Station
from elm_park.term import at, later

if TYPE_CHECKING:
    from elm_park.school import School

BOOKMAKERS: Final = ("www.bet365.com", "www.skybet.com", "www.paddypower.com", "www.bet365.com")
LUNCHES: Final = tuple(
    date(2026, month, day)
    for month, day in ((9, 15), (9, 16), (9, 18), (9, 22), (9, 24), (10, 1), (10, 6), (10, 13))
)
VPN_DAYS: Final = tuple(
    date(2026, month, day) for month, day in ((9, 21), (9, 22), (9, 23), (9, 24), (10, 5))
)
BLOCKED_DAYS: Final = 3
"""On so many of these days the VPN's connection was refused; on the others it went through by another way."""


def _station(school: School, user: str) -> Station:
    return Station(school.book, school.people[user])


def plant(school: School) -> None:
    """Write all of them down."""
    _lunches(school)
    _vpn(school)
    _encrypted_dns(school)
    _harmful_software(school)
    _verdicts(school)
    _concern(school)
    _others(school)


def _lunches(school: School) -> None:
    station = _station(school, "d.lister")
    for day in LUNCHES:
        luck, moment = dice("lunch", day), at(day, "12:24:10")
        for host in BOOKMAKERS[: luck.randrange(2, 5)]:
            for _ in range(luck.randrange(2, 5)):
                station.web(moment, host, "Gambling")
                moment = later(moment, luck, 15, 80)
            moment = later(moment, luck, 320, 420)
    why = "Bets at lunch, over five weeks; the staff's wireless network does not block gambling."
    school.planted.breach("gambling_site", station.person, LUNCHES, "none", why)


def _vpn(school: School) -> None:
    station = _station(school, "23rdoyle")
    for n, day in enumerate(VPN_DAYS):
        app = "NordVPN" if n < BLOCKED_DAYS else "WireGuard"
        station.name(at(day, "11:02:10"), "nordvpn.com", "Proxy Avoidance", "redirect")
        for clock in ("11:02:14", "11:05:40"):
            station.app(at(day, clock), app, "Proxy", "block", ("vpn-entry.example", 443, 6))
        for clock in ("11:11:20", "11:14:50"):
            if n < BLOCKED_DAYS:
                station.traffic(at(day, clock), ("192.0.2.140", 51820, 17), "udp/51820", "deny")
            else:
                station.traffic(at(day, clock), ("192.0.2.141", 1194, 17), "udp/1194")
    planted, who = school.planted, station.person
    why = "Looked up a VPN's provider; the answer was the filter's own page."
    planted.breach("vpn_provider_site", who, VPN_DAYS, "some", why)
    why = "The firewall recognised and blocked the VPN's app."
    planted.breach("vpn_app", who, VPN_DAYS, "all", why)
    why = "The VPN's connections (WireGuard) were refused."
    planted.breach("vpn_wireguard_port", who, VPN_DAYS[:BLOCKED_DAYS], "all", why)
    why = "The VPN then went through on another port (OpenVPN)."
    planted.breach("vpn_openvpn_port", who, VPN_DAYS[BLOCKED_DAYS:], "none", why)


def _encrypted_dns(school: School) -> None:
    station, day = _station(school, "24jrahman"), date(2026, 10, 15)
    for clock in ("09:14:00", "09:16:31", "09:41:12"):
        station.web(at(day, clock), "dns.quad9.net", "Information Technology")
    why = "A browser that was set to look names up past the school's resolver."
    school.planted.breach("doh_host", station.person, [day], "none", why)


def _harmful_software(school: School) -> None:
    planted = school.planted
    station, day = _station(school, "k.whitmore"), date(2026, 9, 17)
    station.virus(
        at(day, "15:22:06"), "http://free-worksheets.example/ratio.zip", "ratio.zip", "W97M/Agent.XX!tr"
    )
    planted.breach("virus_found", station.person, [day], "all", "A worksheet with a harmful macro, stopped.")
    station, day = _station(school, "s.begum"), date(2026, 10, 7)
    station.web(at(day, "08:52:30"), "parcel-redelivery.example", "Phishing", "blocked")
    planted.breach(
        "phishing_verdict", station.person, [day], "all", "Followed a link in a false parcel notice."
    )
    station, day = _station(school, "25gkelly"), date(2026, 10, 16)
    station.web(at(day, "12:41:00"), "skins-giveaway.example", "Malicious Websites", "blocked")
    planted.breach("malware_verdict", station.person, [day], "all", "A site of false prizes for a game.")


def _verdicts(school: School) -> None:
    planted = school.planted
    station, day = _station(school, "n.adeyemi"), date(2026, 9, 28)
    station.web(at(day, "13:31:00"), "life-drawing-studio.example", "Nudity and Risque", "blocked")
    planted.breach("adult_verdict", station.person, [day], "all", "Life drawing, for a lesson in art.")
    station, day = _station(school, "24pedwards"), date(2026, 9, 14)
    station.web(at(day, "10:22:15"), "norman-armoury.example", "Weapons (Sales)", "blocked")
    planted.breach(
        "weapons_verdict", station.person, [day], "all", "Replica swords, for homework on the Normans."
    )
    station, day = _station(school, "22gedwards"), date(2026, 10, 20)
    for clock in ("14:20:10", "14:21:40", "14:24:00"):
        station.web(at(day, clock), "crack-any-login.example", "Hacking", "blocked")
    planted.breach(
        "hacking_verdict", station.person, [day], "all", "Asked three times for a site on breaking in."
    )


def _concern(school: School) -> None:
    """Plant one sign that somebody may need help; the school made the category itself, from a list that it takes."""
    station, day = _station(school, "23mmorgan"), date(2026, 10, 13)
    station.web(at(day, "11:52:40"), "forum-quietwater.example", "Self-Harm", "blocked")
    why = "A sign that a pupil may need help, for the DSL at once; never a breach."
    school.planted.breach("self_harm_verdict", station.person, [day], "all", why)


def _others(school: School) -> None:
    station, days = _station(school, "a.kowalczyk"), [date(2026, 10, 14), date(2026, 10, 15)]
    for day in days:
        for clock in ("12:28:00", "12:33:20"):
            station.web(at(day, clock), "www.bumble.com", "Dating")
    school.planted.breach("dating_site", station.person, days, "none", "A dating site in the lunch break.")
    station, day = _station(school, "g.tanner"), date(2026, 9, 10)
    station.traffic(at(day, "14:11:00"), ("192.0.2.44", 21, 6), "FTP")
    why = "Fetched data of a weather station without encryption."
    school.planted.breach("ftp_outside", station.person, [day], "none", why)
