"""What the commands share: the application, how a command fails, how files are opened and written."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from leukon import __version__

if TYPE_CHECKING:
    from typing import BinaryIO

    from leukon.policy import Policy

__all__ = [
    "STDIN", "FailureError", "Named", "Out", "Setting", "app", "open_named", "open_output", "read_policy_file",
    "say_failed",
]  # fmt: skip

app = App(name="leukon", version=__version__, help="Decision support for low white blood cell counts.")

STDIN = "standard input"  # stands for "-", which would read as an option

Setting = Literal["any", "primary-care", "hospital", "oncology", "paediatric"]
Out = Annotated[Path | None, Parameter(name=["--output", "-o"])]
Named = Annotated[tuple[str, ...], Parameter(consume_multiple=False, negative_iterable="")]


class FailureError(Exception):
    """Ends the command with a status and one line."""

    def __init__(self, line: str, status: int = 1) -> None:
        super().__init__(line)
        self.status = status


def say_failed(answered: int, failed: int) -> None:
    """One line on records that could not be used; a batch of which none was answered has failed."""
    if failed and answered:
        plural = "" if failed == 1 else "s"
        print(f"leukon: {failed} record{plural} could not be used", file=sys.stderr)
    if not answered:
        raise FailureError("", 1)


def read_policy_file(path: Path | None) -> Policy | None:
    if path is None:
        return None
    from leukon.io.policy import read_policy
    from leukon.io.safe import RecordError

    try:
        return read_policy(path.read_bytes(), str(path))
    except OSError as error:
        raise FailureError(f"{path}: {(error.strerror or 'cannot be read').lower()}") from None
    except RecordError as error:
        raise FailureError(str(error)) from None


def open_named(name: str) -> BinaryIO:
    if name == STDIN:
        return sys.stdin.buffer
    from leukon.io import RecordError

    try:
        return Path(name).open("rb")
    except OSError as error:
        raise RecordError(f"{name}: {(error.strerror or 'cannot be read').lower()}") from None


def open_output(output: Path | None) -> Iterator[BinaryIO]:
    """The place to write to, opened when the first report is ready; a file appears only when it is whole."""
    if output is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    if output.exists() and not output.is_file():  # a pipe or a device is written to, never replaced
        try:
            with output.open("wb") as out:
                yield out
        except OSError as error:
            raise FailureError(f"{output}: {(error.strerror or 'cannot be written').lower()}") from None
        return
    part = output.with_name(output.name + ".part")
    try:
        with part.open("wb") as out:
            yield out
        part.replace(output)
    except OSError as error:
        raise FailureError(f"{output}: {(error.strerror or 'cannot be written').lower()}") from None
    finally:
        part.unlink(missing_ok=True)
