r"""
Accounts as logs write them: `alice`, `SCHOOL\alice`, `alice@school.example`, `SCHOOL%5Calice`, LDAP names.

A log holds few accounts beside its lines, so that each distinct one is looked at once.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

import polars as pl

_LDAP: Final = re.compile(r"(?:ldaps?://[^/]*/)?(?:CN|uid|sAMAccountName)=[^,]+,", re.IGNORECASE)
_PIECE: Final = re.compile(r"(?:^|[,/])\s*(\w+)=((?:\\.|[^,\\])*)")
_PARTS: Final = pl.Struct({"user_name": pl.String, "user_domain": pl.String})


def split_account(column: str) -> pl.Expr:
    r"""
    Return a struct of `user_name` and `user_domain`, with %-escapes (UTF-8) undone.

    A backslash goes before an at sign: `SCHOOL\alice@home` is the account `alice@home` of `SCHOOL`. `-` and an empty
    text are no account. Of an LDAP name (RFC 4514: `CN=Alice,OU=Pupils,DC=school`) the account is its `uid`, `sAMAccountName` or `CN`, the domain its `DC`s.
    """
    return pl.col(column).map_batches(_split, return_dtype=_PARTS, is_elementwise=True)


def _split(accounts: pl.Series) -> pl.Series:
    distinct = accounts.unique()
    parts = [_parts(text) for text in distinct]
    name, domain = ([part[side] for part in parts] for side in (0, 1))
    return pl.DataFrame(
        {
            "user_name": accounts.replace_strict(distinct, name, return_dtype=pl.String),
            "user_domain": accounts.replace_strict(distinct, domain, return_dtype=pl.String),
        }
    ).to_struct(accounts.name)


def _parts(text: str | None) -> tuple[str | None, str | None]:
    if text is None or text in ("", "-"):
        return None, None
    account = unquote(text)
    if _LDAP.match(account):
        return _ldap_parts(account)
    if "\\" in account:
        # Squid writes the backslash twice.
        domain, _, name = account.replace("\\\\", "\\").partition("\\")
    else:
        name, _, domain = account.rpartition("@") if "@" in account else (account, "", "")
    return name or account, domain or None


def _ldap_parts(name: str) -> tuple[str | None, str | None]:
    """Return account and domain of a distinguished name."""
    pieces = [(key.lower(), re.sub(r"\\(.)", r"\1", value)) for key, value in _PIECE.findall(name)]
    first = dict(reversed(pieces))
    account = first.get("uid") or first.get("samaccountname") or first.get("cn")
    domain = ".".join(value for key, value in pieces if key == "dc")
    return account or name, domain or None
