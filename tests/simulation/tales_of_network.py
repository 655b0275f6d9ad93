"""How stories of the network are told: tunnels, other name servers, scans, old protocols, what the firewall recognised."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from tests.simulation.requests import Book
    from tests.simulation.school import Person, School
    from tests.simulation.tales_of_web import Tale, Told

VPNS: Final = ((1194, "OPENVPN"), (51820, "WireGuard"), (500, "IKE"), (4500, "IKE"))


def vpn(school: School, book: Book, person: Person, at: float, _given: dict[str, Any]) -> Told:
    """Tell of a VPN's protocol through the firewall."""
    port, service = school.one(VPNS)
    for n in range(4):
        book.traffic(at + 300 * n, person, {"dstip": "203.0.113.77", "dstport": port, "proto": 17, "service": service,
                                            "duration": 280, "sentbyte": 900_000, "rcvdbyte": 9_000_000})  # fmt: skip
    return f"VPN protocol to port {port}", {person.account}


def phone_vpn(school: School, book: Book, _person: Person, at: float, _given: dict[str, Any]) -> Told:
    """Tell of a telephone's VPN through the wireless network's firewall."""
    owner = _owner(school)
    port, _ = school.one(VPNS)
    for n in range(6):
        book.guest_packet(
            at + 40 * n, owner.phone_address, "203.0.113.78", port, "udp", passed=school.happens(0.5)
        )
    return f"telephone: VPN protocol to port {port}", {str(owner.phone).lower(), owner.account}


def other_dns(school: School, book: Book, person: Person, at: float, given: dict[str, Any]) -> Told:
    """Tell of encrypted name service of somebody else."""
    host = school.one(given["sites"])
    path = "/dns-query?dns=AAABAAABAAAAAAAAA3d3dw"
    for n in range(5):
        book.request(at + 30 * n, person, host, path, "application/dns-message", category="Unrated")
    return f"encrypted DNS at {host}", {person.account}


def resolver(school: School, book: Book, person: Person, at: float, _given: dict[str, Any]) -> Told:
    """Tell of a computer that asks somebody else's name server, plainly or encrypted."""
    to, port, proto, service = school.one(
        (("8.8.8.8", 53, 17, "DNS"), ("1.1.1.1", 53, 17, "DNS"), ("9.9.9.9", 853, 6, "tcp/853"), ("1.1.1.1", 853, 6, "tcp/853"))
    )  # fmt: skip
    for n in range(20):
        book.traffic(at + 15 * n, person, {"dstip": to, "dstport": port, "proto": proto, "service": service,
                                           "duration": 2, "sentbyte": 70, "rcvdbyte": 180})  # fmt: skip
    return f"name server {to} port {port}", {person.account}


def application(category: str, *names: str) -> Tale:
    """Return how to tell of a program that the firewall recognised in the traffic."""

    def told(school: School, book: Book, person: Person, at: float, _given: dict[str, Any]) -> Told:
        name, action = school.one(names), school.one(("block", "pass"))
        for n in range(3):
            book.traffic(at + 30 * n, person, {
                "logid": "1059028705", "type": "utm", "subtype": "app-ctrl", "eventtype": "signature", "appid": 43539,
                "dstip": "203.0.113.79", "dstport": 12530, "proto": 17, "service": "udp/12530", "direction": "outgoing",
                "action": action, "appcat": category, "app": name, "msg": f"{category}: {name},"})  # fmt: skip
        return f"the firewall recognised {name} ({action})", {person.account}

    return told


def judged(category: str, *hosts: str) -> Tale:
    """Return how to tell of hosts that the firewall's web filter blocked for their category."""

    def told(school: School, book: Book, person: Person, at: float, _given: dict[str, Any]) -> Told:
        host = school.one(hosts)
        for n in range(2):
            book.traffic(at + 20 * n, person, {
                "logid": "0316013056", "type": "utm", "subtype": "webfilter", "eventtype": "ftgd_blk", "hostname": host,
                "url": "/", "dstip": "203.0.113.9", "dstport": 443, "proto": 6, "action": "blocked", "cat": 26,
                "catdesc": category, "msg": "URL belongs to a denied category in policy"})  # fmt: skip
        return f"the firewall called {host} {category}", {person.account}

    return told


def cleartext(school: School, book: Book, person: Person, at: float, _given: dict[str, Any]) -> Told:
    """Tell of a protocol that sends passwords plainly."""
    port, service = school.one(((21, "FTP"), (23, "TELNET")))
    for n in range(2):
        book.traffic(at + 40 * n, person, {"dstip": "203.0.113.50", "dstport": port, "proto": 6, "service": service,
                                           "duration": 30, "sentbyte": 400_000, "rcvdbyte": 2000})  # fmt: skip
    return f"{service} to outside", {person.account}


def scan(school: School, book: Book, person: Person, at: float, _given: dict[str, Any]) -> Told:
    """Tell of somebody who tries all doors of the servers, or one door of everybody."""
    wide = school.happens(0.5)
    for n in range(120):
        to = f"10.10.0.{n + 1}" if wide else "10.10.0.5"
        port = 445 if wide else 20 + n
        book.traffic(at + n * 0.2, person, {"dstip": to, "dstport": port, "proto": 6, "service": f"tcp/{port}",
                                            "action": "deny", "duration": 0, "sentbyte": 0, "rcvdbyte": 0})  # fmt: skip
    return f"120 {'computers' if wide else 'ports'} tried in half a minute", {person.account, person.address}


def signature(school: School, book: Book, person: Person, at: float, _given: dict[str, Any]) -> Told:
    """Tell of an attack that the firewall recognised and dropped."""
    name = school.one(
        (
            "Web.Server.Password.Files.Access",
            "SQL.Injection.Attempt",
            "SMB.Login.Brute.Force",
            "Apache.Log4j.Error.Log.Remote.Code.Execution",
        )
    )
    for n in range(4):
        book.traffic(at + 10 * n, person, {
            "logid": "0419016384", "type": "utm", "subtype": "ips", "eventtype": "signature", "level": "alert", "severity": "high",
            "dstip": "10.10.0.5", "dstport": 80, "proto": 6, "service": "HTTP", "action": "dropped", "attack": name,
            "hostname": "intranet.elmfield.example", "url": "/", "direction": "outgoing"})  # fmt: skip
    return f"the firewall dropped {name}", {person.account}


def guessing(_school: School, book: Book, person: Person, at: float, _given: dict[str, Any]) -> Told:
    """Tell of many wrong passwords on the wireless network."""
    for n in range(14):
        book.log_on(at + 15 * n, person.account, "02:00:5e:ff:ff:01", good=False)
    return "fourteen failed log-ons", {person.account, "02:00:5e:ff:ff:01"}


def tunnel(school: School, book: Book, _person: Person, at: float, _given: dict[str, Any]) -> Told:
    """Tell of a telephone that carries traffic in questions for names."""
    owner = _owner(school)
    letters = list(string.ascii_lowercase + string.digits)
    for n in range(400):
        label = "".join(school.chance.choice(letters, 52))
        book.question(at + n * 0.7, owner.phone_address, f"{label}.t.slowtunnel.example", "TXT")
    return "400 long names", {str(owner.phone).lower(), owner.account}


def _owner(school: School) -> Person:
    return school.one([person for person in school.people if person.phone])


TALES: Final[dict[str, Tale]] = {
    "vpn": vpn,
    "phone-vpn": phone_vpn,
    "dns": other_dns,
    "resolver": resolver,
    "bypass-program": application(
        "Proxy", "X-VPN", "Psiphon", "Ultrasurf", "Hola.Unblocker", "Tor", "Hotspot.Shield"
    ),
    "file-sharing": application("P2P", "BitTorrent", "uTP", "eMule"),
    "remote-program": application(
        "Remote.Access", "TeamViewer", "AnyDesk", "RustDesk", "Chrome.Remote.Desktop"
    ),
    "phishing": judged(
        "Phishing", "login-microsoft.example", "paypa1.example", "parcel-fee.example", "robux-free.example"
    ),
    "malware": judged(
        "Malicious Websites", "evil-update.example", "c2.bad-domain.example", "flash-player.example"
    ),
    "cleartext": cleartext,
    "scan": scan,
    "signature": signature,
    "guessing": guessing,
    "tunnel": tunnel,
}
