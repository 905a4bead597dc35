"""Reads a site's policy (YAML or JSON); the published schema stands beside it as `policy.schema.json`."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import msgspec

from leukon.io.safe import RecordError, decode_text
from leukon.knowledge.read import read_yaml_text
from leukon.policy import Policy, Thresholds

__all__ = ["POLICY_SCHEMA", "make_policy_schema", "read_policy"]

POLICY_SCHEMA = Path(__file__).with_name("policy.schema.json")


def read_policy(data: bytes, name: str = "policy") -> Policy:
    """The policy of a site; raises RecordError, in one line with the place, for anything it does not understand.

    >>> read_policy(b"thresholds: {next_cycle_anc: 1.5}").thresholds.next_cycle_anc
    1.5
    """
    import yaml

    try:
        held, _ = read_yaml_text(decode_text(data, name), name)
    except (yaml.YAMLError, RecursionError) as error:
        raise RecordError(f"{name}: not YAML: {' '.join(str(error).split())[:120]}") from None
    if not isinstance(held, dict):
        raise RecordError(f"{name}: a policy is a mapping, such as thresholds: {{next_cycle_anc: 1.0}}")
    _refuse_unknown(held, Policy, name)
    _refuse_unknown(held.get("thresholds"), Thresholds, f"{name}: thresholds")
    try:
        policy = msgspec.convert(held, Policy)
    except msgspec.ValidationError as error:
        raise RecordError(f"{name}: {error}") from None
    for threshold in fields(Thresholds):
        value = getattr(policy.thresholds, threshold.name)
        if value is not None and not 0 < value < 500:
            raise RecordError(f"{name}: thresholds.{threshold.name} is {value:g}; it is a count in 10*9/L (1.5, 100)")
    return policy


def _refuse_unknown(held: Any, kind: type, where: str) -> None:
    known = [f.name for f in fields(kind)]
    for key in held if isinstance(held, dict) else ():
        if key not in known:
            raise RecordError(f"{where}: unknown field {str(key)!r}; there are {', '.join(known)}")


def make_policy_schema() -> bytes:
    """The JSON Schema of a policy, as published."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(Policy)}
    for part in schema["$defs"].values():
        part["additionalProperties"] = False
    return msgspec.json.format(msgspec.json.encode(schema, order="sorted"), indent=2) + b"\n"
