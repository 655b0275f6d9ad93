"""How stories of computers are told: what was plugged in, installed, found, cleared, printed, and who logged on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tests.simulation.machines import SECURITY, failed_log_on, install, log_on, plug, printed

if TYPE_CHECKING:
    from tests.simulation.requests import Book
    from tests.simulation.school import Person, School
    from tests.simulation.tales_of_web import Tale, Told

_STICKS: Final = (
    ("SanDisk", "Cruzer"),
    ("Kingston", "DataTraveler_3.0"),
    ("Samsung", "Flash_Drive"),
    ("WD", "My_Passport_25E2"),
)
_CAMERAS: Final = (
    ("04A9", "32EA", "Canon EOS 250D"),
    ("05AC", "12A8", "Apple iPhone"),
    ("04E8", "6860", "Galaxy A54"),
)
_SOFTWARE: Final = (
    ("Steam", "Valve"), ("qBittorrent 5.0", "The qBittorrent project"), ("AnyDesk", "AnyDesk Software GmbH"), ("Opera GX Stable", "Opera"),
    ("NordVPN", "NordVPN"), ("Cheat Engine 7.5", "Cheat Engine"), ("Roblox Player", "Roblox Corporation"), ("Discord", "Discord Inc."),
    ("Epic Games Launcher", "Epic Games"), ("Tor Browser", "The Tor Project"), ("OBS Studio", "OBS Project"), ("WinRAR 7.01", "win.rar GmbH"),
    ("Autoclicker 3", "MouseTool"), ("Brave", "Brave Software Inc"),
)  # fmt: skip


def stick(school: School, book: Book, person: Person, at: float, _given: dict[str, Any]) -> Told:
    """Tell of a memory stick or disc that was plugged in."""
    maker, model = school.one(_STICKS)
    serial = "".join(school.chance.choice(list("0123456789ABCDEF"), 12))
    instance = f"USBSTOR\\Disk&Ven_{maker}&Prod_{model}&Rev_1.00\\{serial}&0"
    plug(
        book,
        at,
        person,
        instance,
        f"{maker} {model} USB Device",
        "DiskDrive",
        "4D36E967-E325-11CE-BFC1-08002BE10318",
    )
    return "plugged in a memory stick", {person.account, person.machine.lower()}


def camera(school: School, book: Book, person: Person, at: float, _given: dict[str, Any]) -> Told:
    """Tell of a camera or telephone that was plugged in to move pictures."""
    vendor, product, name = school.one(_CAMERAS)
    instance = f"USB\\VID_{vendor}&PID_{product}&MI_00\\7&1C2D3E4F"
    plug(book, at, person, instance, name, "WPD", "EEC5AD98-8080-425F-922A-DABF3DE3F69A")
    return f"plugged in {name}", {person.account, person.machine.lower()}


def installed(school: School, book: Book, person: Person, at: float, _given: dict[str, Any]) -> Told:
    """Tell of software that the school did not approve."""
    name, maker = school.one(_SOFTWARE)
    install(book, at, person.machine, name, maker)
    return f"installed {name}", {person.machine.lower(), person.account}


def virus(school: School, book: Book, person: Person, at: float, _given: dict[str, Any]) -> Told:
    """Tell of harmful software that virus protection found and dealt with."""
    threat = school.one(
        (
            "Trojan:Win32/Wacatac.B!ml",
            "HackTool:Win32/AutoKMS",
            "PUA:Win32/Presenoker",
            "Ransom:Win32/Example",
        )
    )
    data = {
        "Threat Name": threat,
        "Path": "file:_C:\\Users\\Downloads\\free.exe",
        "Detection User": f"ELMFIELD\\{person.account}",
    }
    for n, code in enumerate((1116, 1117)):
        book.windows_event(at + 5 * n, person.machine, "Microsoft-Windows-Windows Defender", code, data)
    return f"virus protection found {threat}", {person.account, person.machine.lower()}


def log_cleared(_school: School, book: Book, person: Person, at: float, _given: dict[str, Any]) -> Told:
    """Tell of a pupil who cleared a computer's record of events."""
    data = {
        "SubjectUserSid": "S-1-5-21-1-2-3-1142",
        "SubjectUserName": person.account,
        "SubjectDomainName": "ELMFIELD",
    }
    book.windows_event(at, person.machine, "Microsoft-Windows-Eventlog", 1102, data, "UserData")
    return "cleared the audit log", {person.account, person.machine.lower()}


def administrator(school: School, book: Book, person: Person, at: float, _given: dict[str, Any]) -> Told:
    """Tell of a pupil who put an account among the administrators."""
    other = school.one(school.pupils)
    data = {"SubjectUserSid": "S-1-5-21-1-2-3-1142", "SubjectUserName": person.account, "SubjectDomainName": "ELMFIELD",
            "MemberName": other.account, "TargetUserName": "Administrators", "TargetDomainName": "Builtin"}  # fmt: skip
    book.windows_event(at, person.machine, SECURITY, 4732, data)
    return "made an account an administrator", {person.account, other.account, person.machine.lower()}


def printing(school: School, book: Book, person: Person, at: float, _given: dict[str, Any]) -> Told:
    """Tell of printing far beyond what anybody needs."""
    for n in range(4):
        printed(book, at + 300 * n, person, "flyer.pdf", int(school.chance.integers(180, 400)))
    return "printed some thousand pages", {person.account}


def accounts(school: School, book: Book, person: Person, at: float, _given: dict[str, Any]) -> Told:
    """Tell of five accounts at one computer in eight minutes, or of one at two computers within a minute."""
    others = school.some([other for other in school.pupils if other != person], 5)
    if school.happens(0.5):
        for n, other in enumerate(others):
            log_on(book, at + 100 * n, person, other.account)
        return f"five accounts at {person.computer}", {
            person.machine.lower(),
            *(other.account for other in others),
        }
    log_on(book, at, person)
    log_on(book, at + 40, others[0], person.account)
    return "one account at two computers", {person.account}


def wrong_passwords(_school: School, book: Book, person: Person, at: float, _given: dict[str, Any]) -> Told:
    """Tell of many wrong passwords at a computer's keyboard."""
    for n in range(15):
        failed_log_on(book, at + 12 * n, person.machine, person.account)
    return "fifteen wrong passwords at a computer", {person.account, person.machine.lower()}


TALES: Final[dict[str, Tale]] = {
    "usb": stick,
    "camera": camera,
    "software": installed,
    "virus": virus,
    "log-cleared": log_cleared,
    "administrator": administrator,
    "printing": printing,
    "accounts": accounts,
    "wrong-passwords": wrong_passwords,
}
