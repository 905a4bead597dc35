"""Ranked causes of many people: people a second, on one core and on all: `python -m bench.causes [PEOPLE]`.

The people are made up: one to three draws of seven counts each, no drugs, no conditions; and the same people with three
drugs and two conditions.
"""

from __future__ import annotations

import random
import resource
import sys
import time
from collections.abc import Iterator
from typing import Any

SEED = 1
NOW = 19_000.0
A_BATCH = 2_000
DRUGS = ("methimazole", "clozapine", "omeprazole", "metformin", "amlodipine", "azathioprine", "valproate", "aspirin")
CONDITIONS = ("hypertension", "type 2 diabetes", "rheumatoid arthritis", "hypothyroidism", "asthma", "cirrhosis")


def make_people(number: int, *, words: bool) -> list[dict[str, Any]]:
    rng = random.Random(SEED)  # noqa: S311  (made-up people)
    return [make_person(f"P{n}", rng, words) for n in range(number)]


def make_person(name: str, rng: random.Random, words: bool) -> dict[str, Any]:
    counts: list[dict[str, Any]] = []
    for draw in range(rng.choice((1, 1, 2, 3))):
        wbc = round(rng.lognormvariate(1.3, 0.5), 1)
        values = {
            "wbc": wbc, "neutrophils": round(wbc * rng.uniform(0.2, 0.7), 2), "monocytes": round(wbc * 0.08, 2),
            "lymphocytes": round(wbc * rng.uniform(0.15, 0.4), 2), "platelets": round(max(5.0, rng.gauss(230, 80))),
            "hemoglobin": round(rng.gauss(13, 1.8), 1), "mcv": round(rng.gauss(90, 7)),
        }  # fmt: skip
        units = {"hemoglobin": "g/dL", "mcv": "fL"}
        counts += [
            {"analyte": a, "value": float(v), "unit": units.get(a, "10*9/L"), "day": NOW - 60 * draw}
            for a, v in values.items()
        ]
    drugs = [{"name": d, "start": NOW - rng.uniform(5, 900)} for d in rng.sample(DRUGS, 3)] if words else []
    conditions = [{"name": c, "day": NOW - rng.uniform(5, 900)} for c in rng.sample(CONDITIONS, 2)] if words else []
    return {
        "person": name, "sex": rng.choice(("female", "male")), "birth_day": NOW - rng.uniform(1, 95) * 365.25,
        "now": NOW, "counts": counts, "drugs": drugs, "conditions": conditions,
    }  # fmt: skip


def main() -> None:
    import pyarrow as pa

    from leukon.population.causes import INPUT, rank_batch, rank_batches

    number = int(sys.argv[1] if len(sys.argv) > 1 else 4_000)
    for label, words in (("counts only", False), ("with drugs and conditions", True)):
        people = make_people(number, words=words)
        batches = [
            pa.RecordBatch.from_pylist(people[start : start + A_BATCH], schema=INPUT)
            for start in range(0, number, A_BATCH)
        ]
        rank_batch(batches[0].slice(0, 200))

        def read() -> Iterator[pa.RecordBatch]:
            yield from batches  # noqa: B023  (used up before the next)

        began, worked = time.perf_counter(), time.process_time()
        for batch in batches:
            rank_batch(batch)
        clock, processor = time.perf_counter() - began, time.process_time() - worked
        print(f"{label:26} one core  {number / clock:7.0f} people/s   {number / processor:7.0f} a second of processor")
        began = time.perf_counter()
        rows = sum(batch.num_rows for batch in rank_batches(read()))
        clock = time.perf_counter() - began
        print(f"{label:26} all cores {number / clock:7.0f} people/s   {rows:,} rows")
    peaks = [resource.getrusage(who).ru_maxrss / 2**20 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(f"peak memory {peaks[0]:.2f} GB here, {peaks[1]:.2f} GB in one of the others")


if __name__ == "__main__":
    main()
