"""Read a YAML file of many small entries strictly, each with its line, so that one bad entry does not lose the rest."""

from __future__ import annotations

import reprlib
from typing import TYPE_CHECKING, Any, Final, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from aup_monitor.core.errors import RuleError
from aup_monitor.lists.problems import SHOWN_CHARACTERS

if TYPE_CHECKING:
    from aup_monitor.lists.listfile import ListFile

Entry = TypeVar("Entry", bound=BaseModel)

_FIX: Final = "compare it with the file of that name that ships with the program"


def read_entries(
    file: ListFile, key: str, model: type[Entry]
) -> tuple[list[Entry], list[tuple[int, str, str]]]:
    """
    Return the entries below the file's only key, and the (line, text, reason) of those that are not sound.

    Raises:
        RuleError: the file is not YAML, or is not a list of entries below `key`.

    """
    good: list[Entry] = []
    bad: list[tuple[int, str, str]] = []
    for line, value in _items(file, key):
        try:
            good.append(model.model_validate(value))
        except ValidationError as exc:
            errors = ((".".join(map(str, error["loc"])) or "entry", error["msg"]) for error in exc.errors())
            bad.append(
                (
                    line,
                    reprlib.repr(value)[:SHOWN_CHARACTERS],
                    "; ".join(f"{where}: {what}" for where, what in errors),
                )
            )
    return good, bad


def _items(file: ListFile, key: str) -> list[tuple[int, Any]]:
    """Return each entry with its line."""
    try:
        loader = yaml.SafeLoader(file.text)
        nodes = _below(loader.get_single_node(), key)
        items = [(node.start_mark.line + 1, loader.construct_object(node, deep=True)) for node in nodes or ()]
    except yaml.MarkedYAMLError as exc:
        line = 0 if exc.problem_mark is None else exc.problem_mark.line + 1
        raise RuleError(f"not YAML: {exc.problem}", where=f"{file.path}:{line}", fix=_FIX) from exc
    except (
        yaml.YAMLError,
        ValueError,
        RecursionError,
    ) as exc:  # control characters, no such date, nested too deep
        raise RuleError(f"not YAML: {exc}", where=file.path, fix=_FIX) from exc
    if nodes is None:
        raise RuleError(f"the file must hold one list, below the key {key}:", where=file.path, fix=_FIX)
    return items


def _below(root: yaml.Node | None, key: str) -> list[yaml.Node] | None:
    """Return the nodes of the sequence below the mapping's only key; None where the file is not of that form."""
    match root:
        case None:
            return []
        case yaml.MappingNode(value=[(yaml.ScalarNode(value=name), yaml.SequenceNode(value=nodes))]):
            return list(nodes) if name == key else None
        case _:
            return None
