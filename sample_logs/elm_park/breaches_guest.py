"""Breaches on the network of own devices and visitors, of which only addresses are known."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from elm_park import pfsense, pihole, zeek
from elm_park.everyday import GUESTS, PHONES
from elm_park.term import at

if TYPE_CHECKING:
    from datetime import datetime

    from elm_park.school import School

VPN_DAYS: Final = (date(2026, 9, 9), date(2026, 9, 10), date(2026, 9, 11))


def plant(school: School) -> None:
    """Write all of them down."""
    _vpn(school)
    _tor(school)
    _resolvers(school)
    _relay_and_calls(school)
    _others(school)


def _packets(school: School, first: datetime, count: int, flow: pfsense.Flow) -> None:
    for n in range(count):
        pfsense.packet(school.book, first + timedelta(seconds=95 * n), flow)


def _vpn(school: School) -> None:
    book, planted, phone = school.book, school.planted, PHONES[7]
    for day in VPN_DAYS:
        pihole.blocked(book, at(day, "12:31:02"), phone, "api.mullvad.net")
        _packets(school, at(day, "12:31:10"), 3, pfsense.Flow(phone, "192.0.2.150", 51820, "udp"))
    why = "Looked up a VPN's provider, whose name the resolver blocks."
    planted.breach("vpn_provider_site", phone, VPN_DAYS, "some", why)
    planted.breach(
        "vpn_wireguard_port", phone, VPN_DAYS, "none", "The VPN's connections (WireGuard) went through."
    )
    phone, day = PHONES[18], date(2026, 9, 28)
    _packets(school, at(day, "11:03:00"), 4, pfsense.Flow(phone, "192.0.2.151", 1194, "udp", "block"))
    planted.breach("vpn_openvpn_port", phone, [day], "all", "A VPN's connections (OpenVPN) were refused.")


def _tor(school: School) -> None:
    book, planted, phone, day = school.book, school.planted, PHONES[25], date(2026, 10, 12)
    pihole.blocked(book, at(day, "12:40:00"), phone, "duskfern7k2.onion.ly")
    planted.breach(
        "tor_site", phone, [day], "some", "Looked up a gateway to the dark web; the name is invented."
    )
    _packets(school, at(day, "12:44:00"), 3, pfsense.Flow(phone, "192.0.2.90", 9001, "tcp", "block"))
    planted.breach("tor_port", phone, [day], "all", "Tried to join the Tor network.")
    phone, day = PHONES[20], date(2026, 9, 17)
    zeek.handshake(book, at(day, "12:52:11"), phone, "www.kq5vd3nxwza2t.com", zeek.TOR)
    planted.breach("tor_app", phone, [day], "none", "A connection with the fingerprint of the Tor program.")


def _resolvers(school: School) -> None:
    phone, day = PHONES[15], date(2026, 10, 19)
    pihole.blocked(school.book, at(day, "08:20:00"), phone, "dns.nextdns.io", "regex denied")
    why = "Looked up a resolver that answers past the school's; blocked."
    school.planted.breach("doh_name_asked", phone, [day], "some", why)
    _packets(school, at(day, "08:20:05"), 2, pfsense.Flow(phone, "192.0.2.53", 853, "tcp", "block"))
    why = "Tried encrypted look-ups with a resolver outside."
    school.planted.breach("encrypted_dns_port", phone, [day], "all", why)


def _relay_and_calls(school: School) -> None:
    phone, day = PHONES[11], date(2026, 9, 22)
    for clock in ("12:22:01", "12:40:45"):
        zeek.handshake(school.book, at(day, clock), phone, "mask.icloud.com")
    why = "Browsed through Apple's Private Relay."
    school.planted.breach("private_relay", phone, [day], "none", why)
    phone, day = PHONES[2], date(2026, 9, 14)
    _packets(school, at(day, "12:30:00"), 2, pfsense.Flow(phone, "203.0.113.99", 4500, "udp"))
    why = "Calls over Wi-Fi, which telephones make by the same means as a VPN: a false alarm (decisions.yml)."
    school.planted.breach("vpn_ike_port", phone, [day], "none", why)


def _others(school: School) -> None:
    phone, day = PHONES[30], date(2026, 9, 30)
    _packets(school, at(day, "15:20:00"), 5, pfsense.Flow(phone, "192.0.2.201", 6881, "tcp", "block"))
    school.planted.breach("bittorrent_port", phone, [day], "all", "Tried to share files; refused.")
    phone, day = PHONES[33], date(2026, 10, 21)
    pihole.blocked(school.book, at(day, "12:58:00"), phone, "onlyfans.com", "exactly denied")
    why = "A look-up that the resolver blocked; a program may make it by itself."
    school.planted.breach("adult_site", phone, [day], "some", why)
    guest, day = GUESTS[3], date(2026, 10, 2)
    for clock in ("09:40:00", "10:15:00"):
        pihole.query(school.book, at(day, clock), guest, "www.ladbrokes.com")
    why = "A visitor's telephone, perhaps an app that calls home."
    school.planted.breach("gambling_site", guest, [day], "none", why)
