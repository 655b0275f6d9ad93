r"""
Accounts as logs write them: `alice`, `SCHOOL\alice`, `alice@school.example`, `SCHOOL%5Calice`.

A log holds few accounts beside its lines, so that each distinct one is looked at once.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote

import polars as pl

_PARTS: Final = pl.Struct({"user_name": pl.String, "user_domain": pl.String})


def split_account(column: str) -> pl.Expr:
    r"""
    Return a struct of `user_name` and `user_domain`, with %-escapes (UTF-8) undone.

    A backslash goes before an at sign: `SCHOOL\alice@home` is the account `alice@home` of `SCHOOL`. `-` and an empty
    text are no account.
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
    if "\\" in account:
        domain, _, name = account.partition("\\")
    else:
        name, _, domain = account.rpartition("@") if "@" in account else (account, "", "")
    return name or account, domain or None
