"""Text from outside, looked at before it is read: size, encoding, depth, aliases."""

from __future__ import annotations

from dataclasses import dataclass

import yaml

__all__ = [
    "MOST_BYTES",
    "MOST_DEPTH",
    "MOST_VALUES",
    "ReadProblem",
    "RecordError",
    "check_yaml",
    "decode_legacy",
    "decode_text",
]

MOST_BYTES = 5_000_000
MOST_DEPTH = 50
MOST_VALUES = 20_000

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class RecordError(ValueError):
    """The input cannot be used; the message is one line for a person: what is wrong, where, what to do."""


@dataclass(frozen=True, slots=True)
class ReadProblem:
    """One record of a batch that could not be used: its line, from 1, and why."""

    line: int
    error: str


def decode_text(data: bytes, name: str) -> str:
    """UTF-8 text of at most 5 MB, without a byte order mark."""
    if len(data) > MOST_BYTES:
        raise RecordError(f"{name}: {len(data) / 1e6:.1f} MB is too large for one record (at most 5 MB)")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RecordError(f"{name}: not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    if "\0" in text:
        raise RecordError(f"{name}: binary data, not a record")
    return text


def check_yaml(text: str, name: str) -> None:
    """Refuses aliases and deep nesting, which can make a small file explode, before anything is built."""
    depth = values = 0
    try:
        for event in yaml.parse(text, Loader=_Loader):
            values += 1
            if values > 2 * MOST_VALUES:  # a key and a value
                raise RecordError(f"{name}: more than {MOST_VALUES:,} values: not a record of one person")
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                line = event.start_mark.line + 1
                raise RecordError(f"{name}: line {line}: YAML anchors and aliases are not accepted; write it out")
            if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                depth += 1
                if depth > MOST_DEPTH:
                    raise RecordError(f"{name}: nested deeper than {MOST_DEPTH} levels: not a record")
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                depth -= 1
    except yaml.YAMLError as error:
        raise RecordError(f"{name}: {say_yaml(error)}") from None


def say_yaml(error: yaml.YAMLError) -> str:
    """One line for a YAML error."""
    mark = getattr(error, "problem_mark", None)
    where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    return f"{where}not readable as YAML or JSON ({problem})"


def decode_legacy(data: bytes, name: str) -> str:
    """Text of messages and tables, which old systems write in UTF-16 or Windows-1252 too.

    A wrong guess can only spoil a letter beyond ASCII: a unit that holds it is then not known, never another unit.
    """
    if len(data) > MOST_BYTES:
        raise RecordError(f"{name}: {len(data) / 1e6:.1f} MB is too large (at most 5 MB); split it")
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.removeprefix(b"\xef\xbb\xbf").decode("cp1252", "replace")
    if "\0" in text:
        raise RecordError(f"{name}: binary data, not a record")
    return text
