"""Breaches that the computers themselves wrote down: what was plugged in, and what was installed."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from elm_park.term import at
from elm_park.windows import Computer, Device

if TYPE_CHECKING:
    from elm_park.school import School

STICK: Final = Device(
    "0781", "5567", "4C530001230509117253", "SanDisk Cruzer Blade", maker="Ven_SanDisk&Prod_Cruzer_Blade"
)
FOUND_STICK: Final = Device(
    "ABCD", "1234", "AA00000000000489", "General UDisk", maker="Ven_General&Prod_UDisk"
)
PHONE: Final = Device("18D1", "4EE1", "9C3AY1RRKT", "Pixel 8", "WPD")
TETHER: Final = Device("04E8", "6863", "R58M41ABCDE", "Remote NDIS based Internet Sharing Device", "Net")
LIBRARY: Final = "LIB-PC-07.elmpark.example"


def _of(school: School, user: str) -> Computer:
    person = school.people[user]
    return Computer(school.book, person.computer, person)


def plant(school: School) -> None:
    """Write all of them down."""
    _sticks(school)
    _telephones(school)
    _programs(school)


def _sticks(school: School) -> None:
    computer = _of(school, "l.fenwick")
    days = [date(2026, 9, 8), date(2026, 9, 21)]
    for day in days:
        computer.plug(at(day, "08:12:30"), STICK)
    why = "Her own memory stick in a staff laptop; not on the list of approved devices."
    school.planted.breach("usb_storage_connected", school.people["l.fenwick"], days, "none", why)
    day = date(2026, 10, 16)
    Computer(school.book, LIBRARY, None).plug(at(day, "12:47:00"), FOUND_STICK)
    why = "A stick in a library computer to which nobody in particular had logged on."
    school.planted.breach("usb_storage_connected", LIBRARY.lower(), [day], "none", why)


def _telephones(school: School) -> None:
    day = date(2026, 9, 15)
    _of(school, "n.adeyemi").plug(at(day, "10:04:00"), PHONE)
    why = "Photographs of pupils' work, copied from her own telephone."
    school.planted.breach("usb_camera_or_telephone", school.people["n.adeyemi"], [day], "none", why)
    day = date(2026, 10, 22)
    _of(school, "22mharris").plug(at(day, "11:28:00"), TETHER)
    why = "A telephone's own internet connection on a school computer, past the filter."
    school.planted.breach("usb_tethering", school.people["22mharris"], [day], "none", why)


def _programs(school: School) -> None:
    planted, people = school.planted, school.people
    day = date(2026, 9, 25)
    _of(school, "j.marsh").install(at(day, "16:01:00"), "Voicemod", "3.6.90", "Voicemod Inc.")
    planted.breach("software_installed", people["j.marsh"], [day], "none", "A program that changes voices.")
    day = date(2026, 10, 9)
    _of(school, "o.sinclair").install(at(day, "15:44:00"), "Proton VPN", "4.2.1", "Proton AG")
    why = "A VPN on a school laptop, for use at home."
    planted.breach(
        ["bypass_client_installed", "software_installed"], people["o.sinclair"], [day], "none", why
    )
    day = date(2026, 9, 14)
    _of(school, "e.nicholls").install(
        at(day, "08:03:00"), "Opera Stable 121.0", "121.0.5600", "Opera Norway AS"
    )
    why = "A browser that brings its own VPN and settings."
    planted.breach(["portable_browser", "software_installed"], people["e.nicholls"], [day], "none", why)
    day, computer = date(2026, 10, 6), people["24eprice"].computer
    path = "C:\\Users\\24eprice\\AppData\\Local\\Temp\\gamehub\\svc.exe"
    Computer(school.book, computer, None).service(at(day, "14:02:00"), "GameHub Helper", path)
    why = "A service from a pupil's own folder; the log names the computer only."
    planted.breach("service_in_own_folder", computer.lower(), [day], "none", why)
