"""Load the keyword lists and the allow lists of all folders."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from aup_monitor.core.errors import AupError
from aup_monitor.lists.approved import APPROVED_SCHEMA, ApprovedList, parse_approved
from aup_monitor.lists.catalogue import PROTECTIVE
from aup_monitor.lists.held import file_held
from aup_monitor.lists.listfile import ListFile, read_list_file
from aup_monitor.lists.problems import problems
from aup_monitor.lists.terms import TERM_SCHEMA, TermIndex, TermList, parse_terms

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aup_monitor.lists.domains import Folder
    from aup_monitor.lists.held import Held

SUPPORT = "support"
"""The list of searches for help."""

APPROVED: tuple[str, ...] = ("devices", "resolvers", "software")
"""The allow lists; each is a look-up, `approved.devices`, even where nothing is approved."""


def load_terms(folders: Sequence[Folder], wrong: list[pl.DataFrame], held: list[Held]) -> dict[str, TermList]:
    """
    Return the look-ups `terms.<category>` of every `<folder>/terms/<category>.tsv`; one category of two folders is one.

    Raises:
        AupError: the protective terms cannot be read; without them somebody who looks for help could be reported.

    """
    parts: dict[str, list[pl.DataFrame]] = {PROTECTIVE: [pl.DataFrame(schema=TERM_SCHEMA)]}
    for folder in folders:
        for path in sorted((folder.path / "terms").glob("*.tsv")):
            source = f"{folder.prefix}terms-{path.stem}"
            parts.setdefault(path.stem, [pl.DataFrame(schema=TERM_SCHEMA)])
            try:
                file = read_list_file(path)
                parsed = parse_terms(file, source)
            except AupError as exc:
                if path.stem == PROTECTIVE:
                    raise
                wrong.append(problems(source, [(0, path.name, str(exc))]))
                continue
            wrong.append(problems(source, parsed.problems))
            held.append(file_held(f"terms.{path.stem}", source, file, parsed.terms.height))
            parts[path.stem].append(parsed.terms)
    whole = {category: pl.concat(frames) for category, frames in sorted(parts.items())}
    protective = whole.pop(PROTECTIVE)
    index = TermIndex(whole, _guards(protective, whole.get(SUPPORT)))
    help_itself = TermIndex({PROTECTIVE: protective}, protective.clear())
    lists = {f"terms.{category}": TermList(index, category) for category in whole}
    return lists | {f"terms.{PROTECTIVE}": TermList(help_itself, PROTECTIVE)}


def _guards(protective: pl.DataFrame, support: pl.DataFrame | None) -> pl.DataFrame:
    """Return the protective terms and, for each of their themes, those of a search for help of any kind."""
    if support is None:
        return protective
    themes = protective.select(pl.col("theme").unique(maintain_order=True))
    return pl.concat([protective, support.drop("theme").join(themes, how="cross").select(protective.columns)])


def load_approved(
    folders: Sequence[Folder], given: Mapping[str, Sequence[str]], wrong: list[pl.DataFrame], held: list[Held]
) -> dict[str, ApprovedList]:
    """Return the look-ups `approved.devices`, `approved.resolvers` and `approved.software`: `<folder>/lists/approved/`, and what is given."""
    lists = {}
    for kind in APPROVED:
        parts = [pl.DataFrame(schema=APPROVED_SCHEMA)]
        for folder in folders:
            path = folder.lists / "approved" / f"{kind}.txt"
            if path.is_file():
                file, source = read_list_file(path), f"{folder.prefix}approved-{kind}"
                parsed = parse_approved(file, source, devices=kind == "devices")
                wrong.append(problems(source, parsed.problems))
                held.append(file_held(f"approved.{kind}", source, file, parsed.entries.height))
                parts.append(parsed.entries)
        if given.get(kind):
            parts.append(_of_settings(kind, given[kind], wrong, held))
        lists[f"approved.{kind}"] = ApprovedList(pl.concat(parts), devices=kind == "devices")
    return lists


def _of_settings(
    kind: str, entries: Sequence[str], wrong: list[pl.DataFrame], held: list[Held]
) -> pl.DataFrame:
    """Return the entries that the settings approve; a bad one is a problem that names `aup.toml`."""
    source, content = f"settings-{kind}", "\n".join(entries).encode()
    digest = hashlib.blake2b(content, digest_size=16).hexdigest()
    file = ListFile(Path("aup.toml"), content, digest, {"title": f"Approved {kind} of the settings"})
    parsed = parse_approved(file, source, devices=kind == "devices")
    wrong.append(problems(source, parsed.problems))
    held.append(file_held(f"approved.{kind}", source, file, parsed.entries.height))
    return parsed.entries
