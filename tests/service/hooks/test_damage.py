"""Requests broken at random: an answer or one line, never a crash, never long.

Without LEUKON_CAMPAIGN some of them, with it ten thousand.
"""

from __future__ import annotations

import json
import os
import random
import time
from typing import Any

import pytest

from tests.io.damage import damage

from .conftest import Asker
from .people import bundle, call, order, record
from .rules import find_breaches

COUNT = 10_000 if os.environ.get("LEUKON_CAMPAIGN") else 160
SECONDS = 2.0
WHOLE = call(
    "order-sign",
    record(1.9, 0.3, order("methimazole", "rx0", "active", "2026-10-13"), conditions=("Graves disease", "fever")),
    draftOrders=bundle(order("clozapine 100 MG"), order("docetaxel", "rx2")),
)
ODD: tuple[Any, ...] = (None, True, 0, -1.5, 1e308, "", "x", [], {}, [[]], [{}], {"a": []}, "\u0000", "2026-13-45")


def _mutate(held: Any, rng: random.Random) -> Any:
    """One place of a JSON value changed: another value put in, or a part doubled or lost."""
    spots: list[tuple[Any, Any]] = []

    def walk(value: Any) -> None:
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, inner in items:
            spots.append((value, key))
            walk(inner)

    made = json.loads(json.dumps(held))
    walk(made)
    for _ in range(rng.randrange(1, 4)):
        parent, key = rng.choice(spots)
        try:
            match rng.randrange(3):
                case 0:
                    parent[key] = rng.choice(ODD)
                case 1:
                    del parent[key]
                case _:
                    other, name = rng.choice(spots)
                    parent[key] = json.loads(json.dumps(other[name]))
        except (KeyError, IndexError):
            continue  # an earlier change took it away
    return made


def _send(hooks: Asker, data: bytes) -> None:
    begun = time.monotonic()
    headers = {"Content-Type": "application/json"}
    for service in ("leukon-order-sign", "leukon-patient-view"):
        text = data.replace(b"order-sign", b"patient-view") if service.endswith("view") else data
        answer = hooks.ask("POST", f"/cds-services/{service}", content=text, headers=headers)
        assert answer.status_code in (200, 400, 412), text
        if answer.status_code == 200:
            assert find_breaches(answer.json()) == []
        else:
            assert answer.json()["error"] and "\n" not in answer.json()["error"]
    assert time.monotonic() - begun < 2 * SECONDS


@pytest.mark.parametrize("part", range(8))
def test_requests_with_odd_values(hooks: Asker, part: int) -> None:
    for seed in range(part, COUNT // 2, 8):
        _send(hooks, json.dumps(_mutate(WHOLE, random.Random(seed))).encode())


@pytest.mark.parametrize("part", range(8))
def test_requests_with_broken_bytes(hooks: Asker, part: int) -> None:
    for seed in range(part, COUNT // 2, 8):
        _send(hooks, damage(json.dumps(WHOLE).encode(), seed))
