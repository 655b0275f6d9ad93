"""What a workspace judges by: rules, lists and the chosen policies, ours first, then the school's own."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aup_monitor.core.errors import ConfigError
from aup_monitor.core.resources import resource
from aup_monitor.detect.loader import load_rules
from aup_monitor.detect.policies import load_policies
from aup_monitor.lists import DOWNLOADED, Lists, load_lists

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aup_monitor.core.lookup import Lookup
    from aup_monitor.core.policy import Policy
    from aup_monitor.core.workspace import Workspace
    from aup_monitor.detect.rule import RuleSet


@dataclass(frozen=True)
class Rulebook:
    """Rules, lists and policies, loaded."""

    rules: RuleSet
    """Those that can be used; `problems` names the others."""
    lists: Lists
    policies: tuple[Policy, ...]
    """Those that the school has chosen, in its order."""
    problems: tuple[str, ...]
    """Everything that could not be used: rules, policies, lines of lists."""

    @property
    def lookups(self) -> Mapping[str, Lookup]:
        """The lists by the name that a rule writes."""
        return self.lists.lookups()

    @property
    def fingerprint(self) -> str:
        """16 hex digits that change when a rule or a list does."""
        parts = [rule.fingerprint for rule in self.rules]
        parts += [
            str(row) for row in self.lists.status().select("name", "source", "entries", "digest").iter_rows()
        ]
        return hashlib.blake2b("\n".join(parts).encode(), digest_size=8).hexdigest()


def load_rulebook(workspace: Workspace | None) -> Rulebook:
    """
    Load what ships, and what the workspace adds to it.

    Raises:
        ConfigError: `aup.toml` names a policy that there is not.
        RuleError: no lists are there at all.

    """
    ours = resource("rules")
    folders = [ours / "sigma"]
    policy_folders = [ours / "policies"]
    if workspace is not None:
        folders += [workspace.rules / "sigma"] if (workspace.rules / "sigma").is_dir() else []
        policy_folders += [workspace.rules / "policies"] if (workspace.rules / "policies").is_dir() else []
    foreign = [workspace.path(text) for text in workspace.config.rules] if workspace else []
    lists = _lists(workspace)
    rules = load_rules(folders, foreign).with_lists(lists.lookups())
    policies, wrong = load_policies(policy_folders, rules)
    bad_lines = [_said(row) for row in lists.faults().iter_rows(named=True)]
    problems = (*map(str, rules.problems), *map(str, wrong), *bad_lines)
    return Rulebook(rules, lists, _chosen(policies, workspace), problems)


def _lists(workspace: Workspace | None) -> Lists:
    folders = list_folders(workspace)
    if workspace is None:
        return load_lists(folders, None)
    approved = workspace.config.approved
    given = {
        "devices": approved.devices,
        "resolvers": approved.resolvers,
        "software": approved.software,
    }
    illegal = [workspace.path(text) for text in workspace.config.illegal_lists]
    return load_lists(folders, workspace.lists / "index", given, illegal)


def list_folders(workspace: Workspace | None) -> list[Path]:
    """Return the folders that hold lists and terms: what ships, then the workspace."""
    return [resource("rules"), *([workspace.folder] if workspace else [])]


def _said(row: dict[str, object]) -> str:
    """Return a list's problem in words; that of a whole list has no line."""
    where = row["file"] or row["source"]
    quoted = f" ({row['text']!r})" if row["text"] else ""
    if row["line"] != 0:
        return f"{where}:{row['line']}: {row['reason']}{quoted}\n  Next: correct the line, or take it out"
    fetched = Path(str(where)).parent.name == DOWNLOADED
    fix = f"aup lists update {row['source']}" if fetched else "correct what it says, or take it out"
    return f"{where}: {row['reason']}{quoted}\n  Next: {fix}"


def _chosen(policies: tuple[Policy, ...], workspace: Workspace | None) -> tuple[Policy, ...]:
    if workspace is None:
        return policies
    by_id = {policy.id: policy for policy in policies}
    for name in workspace.config.policies:
        if name not in by_id:
            raise ConfigError(
                f"there is no policy {name!r}",
                where=workspace.folder / "aup.toml",
                fix=f"policies = [...] may name: {', '.join(by_id)}; or write rules/policies/{name}.yml in the workspace",
            )
    return tuple(by_id[name] for name in workspace.config.policies)
