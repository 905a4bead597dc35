"""Loads the compiled knowledge; in a source tree, compiles it anew when the YAML has changed."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

from leukon.knowledge.schema import Knowledge

__all__ = ["DATA", "compile_knowledge", "load_knowledge"]

DATA = Path(__file__).parent / "data"
_COMPILED = Path(__file__).parent / "compiled.msgpack"
_HASH_BYTES = 64


def compile_knowledge() -> Knowledge:
    """Checks the YAML and writes the compiled form beside it; raises KnowledgeError when a fact breaks the schema."""
    from leukon.knowledge.check import hash_data, read_knowledge

    knowledge = read_knowledge(DATA)
    part = _COMPILED.with_suffix(f".{id(knowledge):x}.part")
    part.write_bytes(hash_data(DATA).encode() + msgspec.msgpack.encode(knowledge))
    part.replace(_COMPILED)
    return knowledge


def _in_source_tree() -> bool:
    return (Path(__file__).parents[3] / "pyproject.toml").exists()


@cache
def load_knowledge() -> Knowledge:
    """What leukon knows. One value for the life of the process."""
    if _COMPILED.exists():
        held = _COMPILED.read_bytes()
        if _in_source_tree():
            from leukon.knowledge.check import hash_data

            if held[:_HASH_BYTES].decode() != hash_data(DATA):
                return compile_knowledge()
        return msgspec.msgpack.decode(held[_HASH_BYTES:], type=Knowledge)
    return compile_knowledge()
