"""The folder of a result: whole or not there. What a killed run leaves bears another name and is not taken for one."""

from __future__ import annotations

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from leukon.population.tables import TableError

__all__ = ["MARK", "make_folder"]

MARK = "about.json"
"""The file by which a result is known: written last."""


@contextmanager
def make_folder(target: Path) -> Generator[Path, None, None]:
    """A folder to write into, which becomes `target` when all is written; an earlier result there is replaced.

    Raises TableError where `target` holds anything that is not a result of leukon: nothing of it is touched.
    """
    _check_target(target)
    part = target.with_name(target.name + ".part")
    old = target.with_name(target.name + ".old")
    try:
        shutil.rmtree(part, ignore_errors=True)  # of a run that was killed
        part.mkdir(parents=True)
        try:
            yield part
            if target.exists():
                target.replace(old)
            part.replace(target)
        finally:
            shutil.rmtree(part, ignore_errors=True)
            shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        raise TableError(f"{target}: {(error.strerror or 'cannot be written').lower()}") from None


def _check_target(target: Path) -> None:
    if not target.exists():
        return
    if not target.is_dir():
        raise TableError(f"{target}: a file of that name is there; name a folder")
    if any(target.iterdir()) and not (target / MARK).is_file():
        raise TableError(f"{target}: the folder holds other files; name a new one, an empty one, or an earlier result")
