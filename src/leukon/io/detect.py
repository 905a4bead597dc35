"""Tells the forms of input apart by their content, and reads whichever it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, BinaryIO

from leukon.io.ccda_xml import looks_like_xml
from leukon.io.csv_counts import looks_like_table, read_table
from leukon.io.hl7 import looks_like_messages, read_messages
from leukon.io.hl7_charset import decode_messages
from leukon.io.phenopacket import is_phenopacket, read_phenopacket
from leukon.io.record import read_record_tree
from leukon.io.safe import MOST_BYTES, ReadProblem, RecordError, decode_legacy, decode_text
from leukon.io.tree import Tree, fold_json, load_json, read_tree
from leukon.patient import Patient

__all__ = ["Batch", "ReadProblem", "open_input", "read_inputs"]


@dataclass(frozen=True, slots=True)
class Batch:
    """An input: `many` when it holds one record a line, so that the answer is one object a line too."""

    many: bool
    records: Iterator[Patient | ReadProblem]


def read_inputs(data: bytes | BinaryIO, name: str = "input") -> Iterator[Patient | ReadProblem]:
    """Every patient of an input, in order. NDJSON is read line by line; a bad line becomes a ReadProblem.

    Raises RecordError, in one line, when the whole input cannot be used.
    """
    return open_input(data, name).records


def open_input(data: bytes | BinaryIO, name: str = "input") -> Batch:
    """Looks at the beginning of an input to tell its form; the records are read as they are asked for."""
    lines = iter(data.splitlines(keepends=True) if isinstance(data, bytes) else data)
    head: list[bytes] = []
    seen = 0
    for line in lines:
        head.append(line)
        seen += bool(line.strip())
        if seen == 2 or sum(map(len, head)) > MOST_BYTES:
            break
    told = [line for line in head if line.strip()]
    if name.endswith((".ndjson", ".jsonl")) or _is_batch(told):
        return Batch(True, _read_lines(chain(head, lines), name))
    rest = b"".join([*head, *_bounded(lines, MOST_BYTES - sum(map(len, head)) + 1)])
    return _read_whole(rest, name)


def _bounded(lines: Iterator[bytes], most: int) -> Iterator[bytes]:
    """Lines until the size limit is passed: what comes after cannot matter any more."""
    for line in lines:
        yield line
        most -= len(line)
        if most < 0:
            return


def _is_batch(lines: list[bytes]) -> bool:
    """One record a line: the first two lines are objects, one of them perhaps damaged."""
    if len(lines) < 2 or not lines[0].lstrip(b"\xef\xbb\xbf ").startswith(b"{"):
        return False
    whole = [_try_json(line.decode("utf-8-sig", "replace")) is not None for line in lines]
    return whole[0] or (whole[1] and lines[1].lstrip().startswith(b"{") and lines[0].rstrip()[-1:] not in b"[,:{")


def _read_whole(data: bytes, name: str) -> Batch:
    """An input that is not one record a line: a message or table may still hold several people."""
    if looks_like_messages(data):
        return Batch(*read_messages(decode_messages(data, name), name))
    if looks_like_xml(data):
        from leukon.io.ccda import read_document

        return Batch(False, iter([read_document(data, name)]))
    if looks_like_table(data):
        people = read_table(decode_legacy(data, name), name)
        return Batch(len(people) > 1, iter(people))
    return Batch(False, iter([_read_one(data, name)]))


def _read_one(data: bytes, name: str) -> Patient:
    text = decode_text(data, name)
    if text.lstrip()[:1] == "{":
        held = _try_json(text)
        if isinstance(held, dict):
            if "resourceType" in held:
                from leukon.io.fhir import read_bundle

                return read_bundle(data, name)
            return _read_tree(fold_json(held, name), name)
    return _read_tree(read_tree(text, name), name)


def _read_tree(tree: Tree, name: str) -> Patient:
    return read_phenopacket(tree, name) if is_phenopacket(tree) else read_record_tree(tree, name)


def _try_json(text: str) -> Any:
    try:
        return load_json(text)
    except (ValueError, RecursionError):
        return None


def _read_lines(lines: Iterator[bytes], name: str) -> Iterator[Patient | ReadProblem]:
    """NDJSON: FHIR bulk where the first line is a resource, else one leukon record or phenopacket a line."""
    head: list[bytes] = []
    for line in lines:
        head.append(line)
        if line.strip():
            break
    if head and b'"resourceType"' in head[-1]:
        from leukon.io.fhir import read_bulk

        yield from read_bulk(chain(head, lines), name)
        return
    for number, line in enumerate(chain(head, lines), 1):
        if not line.strip():
            continue
        try:
            text = decode_text(line, f"line {number}")
            held = load_json(text)
            yield _read_tree(fold_json(held, f"line {number}"), f"line {number}")
        except RecordError as error:
            yield ReadProblem(number, str(error).removeprefix(f"line {number}: "))
        except RecursionError:
            yield ReadProblem(number, "nested too deep: not a record")
        except json.JSONDecodeError as error:
            yield ReadProblem(number, f"not JSON: {error.msg[0].lower()}{error.msg[1:]} at column {error.colno}")
