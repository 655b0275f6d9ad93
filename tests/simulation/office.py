"""The school's office: mail, files in the cloud and the telephone exchange: what is ordinary, and the stories that they tell."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from tests.simulation.school import SCHOOL_DAY, ZONE, moment

if TYPE_CHECKING:
    from datetime import date

    from tests.simulation.requests import Book
    from tests.simulation.school import Person, School
    from tests.simulation.tales_of_web import Tale, Told

OURS: Final = "elmfield.example"
TRACE: Final = (
    "origin_timestamp_utc,sender_address,recipient_status,message_subject,total_bytes,message_id,"
    "network_message_id,original_client_ip,directionality,connector_id,delivery_priority"
)
"""The columns of a message trace."""
_SUBJECTS: Final = (
    "Trip letter",
    "Cover for period 3",
    "Reports due",
    "Year 9 parents' evening",
    "Minutes",
    "Re: Thursday",
)
_OUTSIDE: Final = (
    "orders@stationer.example",
    "office@nextschool.example",
    "parent.of.pupil@mail.example",
    "coach@buses.example",
)


def work(school: School, book: Book, day: date) -> None:
    """Write a day of the office: letters, files that are opened and shared within, calls to parents."""
    for person in school.people:
        for _ in range(4 if person.role == "staff" else 1):
            at = moment(day, school.between(*SCHOOL_DAY))
            to = (
                f"{school.one(school.people).account}@{OURS}" if school.happens(0.8) else school.one(_OUTSIDE)
            )
            mail(book, at, person, to, school.one(_SUBJECTS))
        for name in ("Marks.xlsx", "Lesson 4.pptx", "Essay.docx")[: int(school.chance.integers(0, 4))]:
            audit(book, moment(day, school.between(*SCHOOL_DAY)), person, "FileDownloaded", name)
        if school.happens(0.05):
            colleague = f"{school.one(school.people).account}@{OURS}"
            audit(book, moment(day, school.between(*SCHOOL_DAY)), person, "AddedToSecureLink", "Plan.docx",
                  TargetUserOrGroupName=colleague, TargetUserOrGroupType="Member")  # fmt: skip
    for person in school.some(school.staff, max(3, len(school.staff) // 3)):
        number = f"01632 960{int(school.chance.integers(100, 999))}".replace(" ", "")
        call(
            book,
            moment(day, school.between(*SCHOOL_DAY)),
            person,
            number,
            int(school.chance.integers(20, 600)),
        )


def mail(book: Book, at: float, person: Person, to: str, subject: str) -> None:
    """Write that a message was sent, as a message trace does."""
    time = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.0000000Z")
    within = to.endswith(f"@{OURS}")
    status, way = ("Receive, Deliver", "Intra-org") if within else ("Receive, Send", "Originating")
    number = len(book.mail)
    line = (
        f'{time},{person.account}@{OURS},"{to}##{status}",{subject},20480,<a{number}@{OURS}>,'
        f"{number:x},203.0.113.8,{way},,Normal"
    )
    book.mail.append((at, line))


def audit(book: Book, at: float, person: Person, operation: str, name: str, **more: object) -> None:
    """Write one record of the cloud's audit log."""
    time = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    mailbox = "Inbox" in operation or operation == "Set-Mailbox"
    record: dict[str, object] = {
        "CreationTime": time, "Id": f"5a4b3c2d-0000-4000-8000-{len(book.cloud):012x}", "Operation": operation,
        "RecordType": 1 if mailbox else 6, "UserKey": f"{person.account}@{OURS}", "UserType": 0, "Workload": "Exchange" if mailbox else "OneDrive",
        "UserId": f"{person.account}@{OURS}", "OrganizationId": "0d1e2f30-0000-4000-8000-000000000001", "Version": 1, "ClientIP": "203.0.113.5",
        "ObjectId": f"https://elmfield-my.sharepoint.example/personal/{person.account}/Documents/{name}", **more,
    }  # fmt: skip
    if not mailbox:
        record["SourceFileName"] = name
    book.cloud.append((at, json.dumps(record, separators=(",", ":"))))


def call(book: Book, at: float, person: Person, number: str, seconds: int) -> None:
    """Write that somebody telephoned out; the exchange asks for an account code."""
    begun, answered, ended = (
        f"{datetime.fromtimestamp(at + more, ZONE):%Y-%m-%d %H:%M:%S}" for more in (0, 5, seconds + 5)
    )
    line = (
        f'"{person.account}","203","{number}","from-internal","""Staff room"" <203>","PJSIP/203-00000001",'
        f'"PJSIP/trunk-00000002","Dial","PJSIP/{number}@trunk,60","{begun}","{answered}","{ended}",'
        f'{seconds + 5},{seconds},"ANSWERED","DOCUMENTATION","{int(at)}.{len(book.calls)}",""'
    )
    book.calls.append((at, line))


def forwarding(_school: School, book: Book, person: Person, at: float, _given: dict[str, Any]) -> Told:
    """Tell of a rule that sends all school mail on to an address outside."""
    ways = [
        {"Name": "ForwardTo", "Value": f"{person.account}@mail.example"},
        {"Name": "Name", "Value": "home"},
    ]
    audit(book, at, person, "New-InboxRule", "home", ResultStatus="True", Parameters=ways)
    return "forwards mail outside", {person.account}


def to_oneself(school: School, book: Book, person: Person, at: float, _given: dict[str, Any]) -> Told:
    """Tell of school papers that somebody sends to his or her own address outside."""
    home = f"{person.account}@{school.one(('gmail.com', 'outlook.com', 'yahoo.co.uk'))}"
    for n in range(4):
        mail(book, at + 300 * n, person, home, "Marks")
    return "mails papers to an address of his or her own", {person.account}


def to_everybody(school: School, book: Book, person: Person, at: float, _given: dict[str, Any]) -> Told:
    """Tell of one message to a crowd."""
    crowd = [*school.people, *school.people, *school.people][:150]
    for n, other in enumerate(crowd):
        mail(book, at + n, person, f"{other.account}{n}@mail.example", "Read this")
    return "mailed 150 people outside", {person.account}


def public_link(school: School, book: Book, person: Person, at: float, _given: dict[str, Any]) -> Told:
    """Tell of a file that everybody who has its link may read."""
    name = school.one(("Pupil list.xlsx", "SEN register.docx", "Trip photos.zip"))
    audit(book, at, person, "AnonymousLinkCreated", name, EventData="<Type>Edit</Type>", ItemType="File")
    return f"public link to {name}", {person.account}


def took_all(_school: School, book: Book, person: Person, at: float, _given: dict[str, Any]) -> Told:
    """Tell of hundreds of files that somebody fetched within minutes."""
    for n in range(400):
        audit(book, at + 1.5 * n, person, "FileDownloaded", f"Scheme of work {n}.docx")
    return "fetched 400 files in ten minutes", {person.account}


def dear_call(school: School, book: Book, person: Person, at: float, _given: dict[str, Any]) -> Told:
    """Tell of calls to dear numbers or abroad, and of an hour's talk."""
    number = school.one(("09061234567", "0035312345678", "0012125550123"))
    for n in range(2):
        call(book, at + 4000 * n, person, number, 3700)
    return f"an hour's calls to {number}", {person.account, "pjsip/203"}


TALES: Final[dict[str, Tale]] = {
    "forwarding": forwarding,
    "to-oneself": to_oneself,
    "to-everybody": to_everybody,
    "public-link": public_link,
    "took-all": took_all,
    "dear-call": dear_call,
}
