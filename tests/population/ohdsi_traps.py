"""OMOP tables of made-up people, each with one trap for a definition of neutropenia."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["TRAPS", "Trap", "write_traps"]

ANC, WBC, PERCENT = 3013650, 3000905, 3008342  # LOINC 751-8, 6690-2, 770-8
E9_PER_L, E3_PER_UL, PER_UL, PER_MM3, PERCENT_UNIT = 9444, 8848, 8647, 8785, 8554
_SITE = 2_000_000_123
Row = tuple[int, str, float, int, str]  # concept, source text, value, concept of the unit, its source text


@dataclass(frozen=True, slots=True)
class Trap:
    """One person: what was measured on one morning, and what each definition should say of it."""

    said: str
    rows: tuple[Row, ...]
    ohdsi: bool  # 213 and 693, by the laboratory
    leukon: bool  # an ANC under 1.5 is found
    low: str  # for this person: low, not low or cannot say
    birth_year: int = 1980
    birth_day: tuple[int, int] | None = None


def _anc(
    value: float, unit: int = E3_PER_UL, text: str = "", *, concept: int = ANC, source: str = ""
) -> tuple[Row, ...]:
    return ((concept, source, value, unit, text),)


TRAPS: Sequence[Trap] = (
    Trap("ANC 1.2 10*3/uL", _anc(1.2), True, True, "low"),
    Trap("ANC 0.8 10*9/L", _anc(0.8, E9_PER_L), True, True, "low"),
    Trap("ANC 850 /uL", _anc(850, PER_UL), True, True, "low"),
    Trap("ANC 0 10*3/uL", _anc(0.0), False, True, "low"),
    Trap("ANC 0 /uL", _anc(0.0, PER_UL), False, True, "low"),
    Trap("ANC 0.005 10*9/L", _anc(0.005, E9_PER_L), False, True, "low"),
    Trap("ANC 9 /uL", _anc(9, PER_UL), False, True, "low"),
    Trap("ANC 1.4995 10*9/L", _anc(1.4995, E9_PER_L), False, True, "low"),
    Trap("ANC 1.5 10*9/L", _anc(1.5, E9_PER_L), False, False, "not low"),
    Trap("ANC 850 /mm3", _anc(850, PER_MM3), False, True, "low"),
    Trap("ANC 1.2, unit only as the text K/uL", _anc(1.2, 0, "K/uL"), False, True, "low"),
    Trap("ANC 1.2, no unit at all", _anc(1.2, 0), False, False, "cannot say"),
    Trap("ANC 1.2, concept of the site, source text ANC", _anc(1.2, concept=_SITE, source="ANC"), False, True, "low"),
    Trap(
        "WBC 2.0, neutrophils 30 %: ANC 0.6",
        ((WBC, "", 2.0, E3_PER_UL, ""), (PERCENT, "", 30.0, PERCENT_UNIT, "")),
        False, True, "low",
    ),
    Trap("ANC 1.2, another of 4.5 on the same day", (*_anc(1.2), *_anc(4.5, source="later")), False, True, "low"),
    Trap("ANC 3.0 of a child one day old", _anc(3.0), False, False, "low", 2024, (5, 31)),
    Trap("ANC 1.2 of a child of six weeks", _anc(1.2), True, True, "not low", 2024, (4, 20)),
)  # fmt: skip


def write_traps(folder: Path) -> None:
    """MEASUREMENT and PERSON as CSV; the person with number n is the n-th trap, from 1."""
    with (folder / "measurement.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(
            "measurement_id person_id measurement_concept_id measurement_date measurement_datetime value_as_number "
            "unit_concept_id measurement_source_value unit_source_value".split()
        )
        number = 0
        for person, trap in enumerate(TRAPS, start=1):
            for concept, source, value, unit, text in trap.rows:
                number += 1
                time = "2024-06-01 18:00:00" if source == "later" else "2024-06-01 08:00:00"
                writer.writerow([number, person, concept, "2024-06-01", time, value, unit, source, text])
    with (folder / "person.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow("person_id gender_concept_id year_of_birth month_of_birth day_of_birth".split())
        for person, trap in enumerate(TRAPS, start=1):
            writer.writerow([person, 8532, trap.birth_year, *(trap.birth_day or (1, 1))])
