"""Where the data that ships with the program lies: inside the installed package, else in the repository's root."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_PACKAGE: Final = Path(__file__).resolve().parent.parent
_ROOTS: Final = (_PACKAGE / "_data", _PACKAGE.parent)


def resource(*parts: str) -> Path:
    """
    Return the path of a shipped file or folder, such as `resource("rules", "sigma")`.

    Raises:
        FileNotFoundError: it does not ship; the installation is damaged.

    """
    for root in _ROOTS:
        path = root.joinpath(*parts)
        if path.exists():
            return path
    raise FileNotFoundError(f"{'/'.join(parts)} is not in this installation; install aup-monitor again")
