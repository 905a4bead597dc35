"""Requests to `$assess` broken at random: a Bundle or one line, never a crash, never long.

Without LEUKON_CAMPAIGN some of them, with it ten thousand.
"""

from __future__ import annotations

import copy
import json
import os
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

from bench.bundles import make_bundles
from tests.io.damage import damage
from tests.service.client import Service

CAMPAIGN = bool(os.environ.get("LEUKON_CAMPAIGN"))
COUNT = 10_000 if CAMPAIGN else 200
SECONDS = 2.0 if CAMPAIGN else 20.0  # a machine that runs other tests too is slow at times

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))
ODD: tuple[Any, ...] = (
    None,
    True,
    0,
    -1.5,
    1e308,
    "",
    "x",
    [],
    {},
    [[]],
    {"a": []},
    "\u0000",
    "2026-13-45",
    "Patient/2",
)
FHIR = "application/fhir+json"


def change(held: Any, seed: int) -> Any:
    """A JSON value with one to three places changed: something odd put in, a part lost, a part put elsewhere."""
    rng = random.Random(seed)
    made = copy.deepcopy(held)
    spots: list[tuple[Any, Any]] = []

    def walk(part: Any) -> None:
        for key, inner in part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ():
            spots.append((part, key))
            walk(inner)

    walk(made)
    for parent, key in rng.sample(spots, rng.randrange(1, 4)):
        if (isinstance(parent, list) and key >= len(parent)) or (isinstance(parent, dict) and key not in parent):
            continue  # an earlier change took it away
        match rng.randrange(3):
            case 0:
                parent[key] = rng.choice(ODD)
            case 1:
                del parent[key]
            case _:
                parent[key] = copy.deepcopy(rng.choice([held["entry"], held["entry"][0], parent[key]]))
    return made


def make_request(bundles: list[Any], number: int) -> tuple[str, bytes]:
    """Content type and body: bytes or values of a Bundle, of Parameters, or of a record in YAML, broken."""
    bundle = bundles[number % len(bundles)]
    match number % 5:
        case 0:
            return FHIR, json.dumps(change(bundle, number)).encode()
        case 1:
            asked = (
                {"name": "setting", "valueCode": "oncology"},
                {"name": "resource", "resource": change(bundle, number)},
            )
            return FHIR, json.dumps({"resourceType": "Parameters", "parameter": asked}).encode()
        case 2:
            return FHIR, damage(json.dumps(bundle).encode(), number)
        case 3:
            return "application/json", damage(json.dumps(bundle, indent=1).encode(), number)
        case _:
            return "text/yaml", damage(EXAMPLES[number % len(EXAMPLES)].read_bytes(), number)


def test_each_is_answered_or_refused_in_one_line_and_in_time(service: Service) -> None:
    bundles = list(make_bundles(every=1 if CAMPAIGN else 20).values())
    found: Counter[int] = Counter()
    slowest = 0.0
    for number in range(COUNT):
        kind, body = make_request(bundles, number)
        began = time.perf_counter()
        answer = service.post("/fhir/$assess", content=body, headers={"Content-Type": kind})
        slowest = max(slowest, time.perf_counter() - began)
        found[answer.status_code] += 1
        held = answer.json()
        if answer.status_code == 200:
            assert held["resourceType"] == "Bundle", (number, body)
        else:
            assert answer.status_code in (400, 422), (number, answer.text, body)
            assert held["resourceType"] == "OperationOutcome" and "\n" not in held["issue"][0]["diagnostics"]
    assert slowest < SECONDS
    assert min(found[200], found[400], found[422]) > COUNT / 100, found
    print(f"\n{COUNT} requests: {dict(found)}, slowest {1000 * slowest:.0f} ms")
