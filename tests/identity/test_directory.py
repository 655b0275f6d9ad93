"""The list of people as schools save it, its bad lines, and initials."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aup_monitor.core.errors import InputError
from aup_monitor.core.people import PEOPLE_SCHEMA
from aup_monitor.identity.directory import account, initials, read_directory

if TYPE_CHECKING:
    from pathlib import Path

PLAIN = "user,name,role,year_group,site\na.khan,Amina Khan,staff,,main\n22OkaforT,Tobi Okafor,Pupil,9,main\n"
ROWS = [
    ("22okafort", "Tobi Okafor", "pupil", "9", "main"),
    ("a.khan", "Amina Khan", "staff", None, "main"),
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return where the list of people goes."""
    return tmp_path / "people.csv"


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.encode(),
        b"\xef\xbb\xbf" + PLAIN.encode(),
        PLAIN.replace("\n", "\r\n").encode("utf-8-sig"),
        PLAIN.replace(",", ";").encode(),
        b"sep=;\r\n" + PLAIN.replace(",", ";").encode(),
        PLAIN.replace(",", "\t").encode("utf-16"),
        PLAIN.replace("user,", "User ,").replace("year_group", "Year Group").encode(),
        PLAIN.replace("\n", ",x\n").replace("site,x", "site,house").encode(),
        PLAIN.replace("a.khan", r"OAKHILL\A.Khan").replace("22OkaforT", "22okafort@oakhill.example").encode(),
        PLAIN.rstrip("\n").encode() + b"\n\n , ,\n;;;;\n",
    ],
    ids=["plain", "bom", "crlf", "semicolons", "sep", "utf16-tabs", "header", "extra", "domains", "blank"],
)
def test_what_excel_and_others_save(file: Path, content: bytes) -> None:
    """Byte-order marks, separators, encodings, capitals, domains, further columns and blank lines change nothing."""
    file.write_bytes(content)
    directory = read_directory(file)
    assert directory.people.rows() == ROWS
    assert dict(directory.people.schema) == PEOPLE_SCHEMA
    assert directory.problems == ()


def test_a_windows_encoding(file: Path) -> None:
    """A name with an accent that Excel saved in Windows' own encoding is right."""
    file.write_bytes("user,name,role\nz.hart,Zoë Hart,staff\n".encode("windows-1252"))
    assert read_directory(file).people["name"].to_list() == ["Zoë Hart"]


def test_bad_lines_are_named_and_cost_no_other(file: Path) -> None:
    """Each line that cannot be used is named with its number and reason; those around it count."""
    file.write_text(
        "user,name,role\n"
        "a.khan,Amina Khan,staff\n"
        ",Nobody,pupil\n"
        "b.lee,Bo Lee,teacher\n"
        "A.KHAN,Another Khan,pupil\n"
        'c.moss,"Cy Moss,pupil\n'
        "d.shaw,Shaw, Dee,pupil\n"
        "e.reed\n"
        'f.ward,"Ward, Fay",governor\n'
    )
    directory = read_directory(file)
    assert directory.people["user"].to_list() == ["a.khan", "f.ward"]
    assert directory.people["role"].to_list() == ["staff", "governor"]
    told = dict(problem.removeprefix("people.csv:").split(": ", 1) for problem in directory.problems)
    assert list(told) == ["3", "4", "5", "6", "7", "8"]
    assert told["3"] == "no user"
    assert told["4"].startswith("role 'teacher' is none of staff, pupil")
    assert told["5"] == "a.khan is listed already; the first line counts"
    assert told["6"].startswith("the line cannot be cut into fields")
    assert told["7"].startswith("1 more fields than columns")
    assert told["8"].startswith("role '' is none of")


@pytest.mark.parametrize("content", [b"", b"name,role\n", b"\x00\xff\x00", b'"', b"user;name\na;b\n"])
def test_a_list_without_its_columns_is_an_error(file: Path, content: bytes) -> None:
    """Without `user` and `role` nothing can be read; the error says what the first line must be."""
    file.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_directory(file)
    assert "no column" in caught.value.message
    assert "user,name,role" in str(caught.value.fix)


def test_a_missing_list_is_an_error(tmp_path: Path) -> None:
    """A path that leads nowhere is named with what to do."""
    with pytest.raises(InputError, match=r"`people` in aup\.toml") as caught:
        read_directory(tmp_path / "none.csv")
    assert caught.value.where == str(tmp_path / "none.csv")


@given(
    content=st.binary(max_size=300) | st.text(max_size=300).map(lambda text: f"user,role\n{text}".encode())
)
@example(content=b"user,role\n" + b'"' * 99)
@example(content=b"user,role\n\x00,\x00\n")
def test_no_content_crashes(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Any bytes give a directory, whose accounts are unique and in order, or an error that says so."""
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(content)
    try:
        users = read_directory(path).people["user"].to_list()
    except InputError:
        return
    assert users == sorted(set(users))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Amina Khan", "A.K."),
        ("amina khan", "A.K."),
        ("  Amina   Noor Khan ", "A.N.K."),
        ("Mary-Ann Smith-Jones", "M-A.S-J."),
        ("Sean O'Neill", "S.O."),
        ("Sean O\u2019Neill", "S.O."),
        ("Maria de la Cruz", "M.C."),
        ("Jane d'Arcy", "J.A."),
        ("Omar al-Rashid", "O.R."),
        ("Linh Le", "L.L."),
        ("Khan, Amina", "A.K."),
        ("Mrs A. Khan", "A.K."),
        ("Dr", "D."),
        ("Cher", "C."),
        ("(Kit) Moss", "K.M."),
        ("Zoe\u0308 A\u030angstro\u0308m", "Z.Å."),
        ("Émile Zola", "É.Z."),
        ("王小明", "王."),
        ("محمد علي", "م.ع."),
        ("Дарья Жукова", "Д.Ж."),
        ("ß test", "S.T."),
        ("", ""),
        ("123", ""),
    ],
)
def test_initials(name: str, expected: str) -> None:
    """Names of many kinds give their initials."""
    assert initials(name) == expected


@given(st.text())
def test_initials_never_give_the_name_away(name: str) -> None:
    """Whatever the name, each of its words gives at most a letter for each of its hyphenated parts."""
    short = initials(name)
    assert len(short.replace(".", "").replace("-", "")) <= len(name)
    assert all(len(part) <= 1 for word in short.split(".") for part in word.split("-"))


def test_accounts_are_compared_without_domain_and_case() -> None:
    """The forms in which an account may be listed are one."""
    forms = ["A.Khan", r"OAKHILL\a.khan", "a.khan@oakhill.example", " a.khan "]
    assert {account(form) for form in forms} == {"a.khan"}
