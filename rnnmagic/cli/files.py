"""Notebooks found, and files written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path
from typing import TextIO

from rnnmagic.cli import UsageError

SKIPPED_FOLDERS = frozenset(
    {".ipynb_checkpoints", ".git", ".virtual_documents", "node_modules", "__pycache__"}
)
FIXED = ".fixed.ipynb"
LARGEST = 256 * 1024 * 1024
"""Bytes. A larger notebook is not read: a few of them would fill the memory."""


def find_notebooks(paths: Sequence[Path], exclude: Sequence[str], *, fixed: bool = False) -> list[Path]:
    """The notebooks that were named, and those below the folders that were, each once, in order of name.

    Repaired copies (`*.fixed.ipynb`) in folders are left out unless `fixed`.

    Raises
    ------
    UsageError
        A path that is not there, or nothing to do.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            for one in _below(path, exclude):
                if fixed or not one.name.endswith(FIXED):
                    found.setdefault(one, None)
        elif path.is_file():
            found.setdefault(path, None)
        else:
            raise UsageError(f"there is no notebook or folder {path}")
    if not found:
        raise UsageError(f"no notebook (*.ipynb) in {', '.join(map(str, paths))}")
    return list(found)


def _below(folder: Path, exclude: Sequence[str]) -> Iterator[Path]:
    for top, folders, names in os.walk(folder):
        here = Path(top)
        folders[:] = sorted(
            name
            for name in folders
            if name not in SKIPPED_FOLDERS and not _excluded(here / name, folder, exclude)
        )
        for name in sorted(names):
            path = here / name
            if name.endswith(".ipynb") and path.is_file() and not _excluded(path, folder, exclude):
                yield path


def _excluded(path: Path, folder: Path, patterns: Iterable[str]) -> bool:
    within = path.relative_to(folder).as_posix()
    return any(
        fnmatch(path.name, pattern) or fnmatch(within, pattern) or fnmatch(path.as_posix(), pattern)
        for pattern in patterns
    )


def read_notebook(path: Path) -> str:
    """The text of a notebook, line ends as they are.

    Raises
    ------
    OSError, ValueError
        It cannot be read, is too large or is no UTF-8; the text says so.
    """
    size = path.stat().st_size
    if size > LARGEST:
        raise ValueError(f"it is too large ({size / 1e6:.0f} MB)")
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("it is no UTF-8 text") from None


def write_whole(path: Path, text: str, *, like: Path | None = None) -> None:
    """Write a file so that at every moment it is the old one or the new one, never a part.

    `like` is a file whose permissions it gets.
    """
    with whole_file(path, like=like) as file:
        file.write(text)


@contextmanager
def whole_file(path: Path, *, like: Path | None = None) -> Iterator[TextIO]:
    """A file to write to that takes `path`'s place at the end, and leaves nothing behind on an error."""
    # A link stays a link: what it leads to is replaced.
    target = Path(os.path.realpath(path))
    handle, name = tempfile.mkstemp(prefix=f".{target.name[:80]}.", suffix=".part", dir=target.parent)
    try:
        with open(handle, "w", encoding="utf-8", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        source = like if like is not None else target
        mode = source.stat().st_mode & 0o777 if source.exists() else 0o666 & ~_umask()
        os.chmod(name, mode)
        os.replace(name, target)
    except BaseException:
        try:
            os.unlink(name)
        except OSError:
            pass
        raise


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def back_up(path: Path, text: str) -> Path:
    """Keep the old text as `NAME.bak`, or `.bak1`, `.bak2`, … so that no older backup is lost."""
    number = 0
    while True:
        backup = path.with_name(f"{path.name}.bak{number or ''}")
        try:
            with open(backup, "x", encoding="utf-8", newline="") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
        except FileExistsError:
            number += 1
            continue
        return backup
