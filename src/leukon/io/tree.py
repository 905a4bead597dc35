"""A YAML or JSON text as a tree of leaves that keep what was typed: `1:640`, `no` and `4.0` stay as they stand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import yaml

from leukon.io.safe import MOST_DEPTH, MOST_VALUES, RecordError, check_yaml, say_yaml

__all__ = ["Tree", "each_leaf", "fold_json", "load_json", "read_tree"]

Tree = dict[str, Any] | list[Any] | str | None
"""A mapping, a list, the text of a scalar, or None for null."""

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULL = "tag:yaml.org,2002:null"


def read_tree(text: str, name: str) -> Tree:
    """The tree of a text; raises RecordError with one line where it cannot be read."""
    if text.lstrip()[:1] in "{[":
        try:
            return fold_json(load_json(text), name)
        except ValueError:
            pass  # YAML flow style, or damage that the YAML reader names by line
        except RecursionError:
            raise RecordError(f"{name}: nested too deep: not a record") from None
    check_yaml(text, name)
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        return None if node is None else _fold(node, name)
    except yaml.YAMLError as error:
        raise RecordError(f"{name}: {say_yaml(error)}") from None
    except RecursionError:
        raise RecordError(f"{name}: nested too deep: not a record") from None
    finally:
        loader.dispose()


def _fold(node: yaml.Node, name: str) -> Tree:
    if isinstance(node, yaml.MappingNode):
        made: dict[str, Any] = {}
        for key, value in node.value:
            word = str(key.value)
            if word in made:
                line = key.start_mark.line + 1
                raise RecordError(f"{name}: line {line}: {word!r} is given twice; keep one")
            made[word] = _fold(value, name)
        return made
    if isinstance(node, yaml.SequenceNode):
        return [_fold(item, name) for item in node.value]
    return None if node.tag == _NULL else str(node.value)


def load_json(text: str) -> Any:
    """A JSON text whose numbers stay as typed; a name given twice in one object is an error, as in YAML."""
    return json.loads(text, parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=_pair)


def _pair(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise json.JSONDecodeError(f"{twice[:40]!r} is given twice; keep one", "", 0)
    return made


def fold_json(value: Any, name: str) -> Tree:
    """A JSON value as a tree; numbers must have been kept as text."""
    return _fold_json(value, name, 0, [MOST_VALUES])


def _fold_json(value: Any, name: str, depth: int, left: list[int]) -> Tree:
    if depth > MOST_DEPTH:
        raise RecordError(f"{name}: nested deeper than {MOST_DEPTH} levels: not a record")
    if isinstance(value, (dict, list)):
        left[0] -= len(value)
        if left[0] < 0:
            raise RecordError(f"{name}: more than {MOST_VALUES:,} values: not a record of one person")
        if isinstance(value, dict):
            return {str(k): _fold_json(v, name, depth + 1, left) for k, v in value.items()}
        return [_fold_json(v, name, depth + 1, left) for v in value]
    if value is None or isinstance(value, str):
        return value
    return "true" if value is True else "false" if value is False else str(value)


def each_leaf(tree: Tree, path: str) -> Iterator[tuple[str, str]]:
    """Path and text of every leaf."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from each_leaf(value, f"{path}.{key}" if path else key)
    elif isinstance(tree, list):
        for place, value in enumerate(tree):
            yield from each_leaf(value, f"{path}[{place}]")
    else:
        yield path, "null" if tree is None else tree
