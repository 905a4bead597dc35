# pyright: strict
"""What a result of a message or document measures: code, words, unit and specimen must not contradict each other."""

from __future__ import annotations

import re

from leukon.counts.analytes import Analyte, find_analyte
from leukon.counts.units import find_factor

__all__ = ["find_count", "is_not_of_blood"]

_NOT_BLOOD = re.compile(
    r"\b(?:csf|cerebrospinal|spinal fluid|urine|ur|pleural|ascit\w*|peritoneal|synovial|joint|body fluid|fluid|"
    r"bone marrow|marrow|sputum|stool|bal|lavage|semen|dialysate)\b",
    re.IGNORECASE,
)
_BLOOD = re.compile(r"\b(?:blood|bld\w*|wb|serum|plasma|ser|plas)\b", re.IGNORECASE)


def is_not_of_blood(words: str) -> bool:
    """Do the words of a specimen or order name another fluid?

    >>> is_not_of_blood("CSF^Cerebrospinal fluid"), is_not_of_blood("119297000^BLD^SCT"), is_not_of_blood("CBC")
    (True, False, False)
    """
    return bool(_NOT_BLOOD.search(words) and not _BLOOD.search(words))


def find_count(words: str, code: str | None, unit: str, value: str) -> tuple[str | None, Analyte | None]:
    """The count that code, words and unit agree on; why not, where they contradict each other.

    A code is trusted only as long as neither the words nor the unit say otherwise: messages hold potassium under
    the code of the white cells, and white cells under the code of their morphology.
    """
    coded = find_analyte(code) if code else None
    said = find_analyte(words)
    if coded is None:
        return None, said.analyte if said and (unit or re.match(r"^[<>≤≥~\s]*[\d.,]+", value)) else None
    if said and _cell(said.analyte.id) != _cell(coded.analyte.id):
        return f"the code says {coded.analyte.name} and the words say {words[:40]!r}: cannot say", None
    fits = any(find_factor(unit, q) is not None for q in (coded.analyte.quantity, "percent")) if unit else True
    if said is None and not fits:
        words, unit = repr(words[:40]), repr(unit[:20])
        return f"the code says {coded.analyte.name}, the words {words} and the unit {unit} do not: cannot say", None
    return None, coded.analyte


def _cell(name: str) -> str:
    return "neutrophils" if name == "segs" else name
