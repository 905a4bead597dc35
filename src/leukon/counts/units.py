"""Unit strings of real laboratories, turned into an exact factor to leukon's own units.

leukon counts cells in 10*9/L, haemoglobin in g/dL, red cell volume in fL and shares in percent. A short grammar of
what laboratories print is tried first; a UCUM parser (pint with ucumvert) only after it, with a guard, because UCUM
reads ``K/uL`` as kelvin and ``G/L`` as gauss per litre. A unit that neither understands is `None`: "cannot say".
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from math import isfinite
from typing import Any, Literal

__all__ = ["UNIT_OF", "Quantity", "find_factor", "to_float"]

Quantity = Literal["count", "mass", "volume", "percent"]

UNIT_OF: dict[Quantity, str] = {"count": "10*9/L", "mass": "g/dL", "volume": "fL", "percent": "%"}

_LONGEST = 40
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")

_VOLUMES_L: dict[str, Fraction] = {
    **dict.fromkeys(("l", "liter", "litre", "liters", "litres", "ltr", "lt", "dm3"), Fraction(1)),
    **dict.fromkeys(("dl", "deciliter", "decilitre", "100ml"), Fraction(1, 10)),
    **dict.fromkeys(("cl", "centiliter", "centilitre"), Fraction(1, 100)),
    **dict.fromkeys(("ml", "milliliter", "millilitre", "cc", "cm3"), Fraction(1, 10**3)),
    **dict.fromkeys(
        (
            "ul", "mcl", "mcrl", "microl", "microliter", "microlitre", "microliters", "microlitres", "mm3", "mm^3",
            "mmc", "cmm", "cumm", "cu.mm", "cubicmm", "cubicmillimeter", "cubicmillimetre", "mm*3", "mm**3",
        ),
        Fraction(1, 10**6),
    ),
    **dict.fromkeys(("nl", "nanoliter", "nanolitre"), Fraction(1, 10**9)),
}  # fmt: skip

_WORDS: dict[str, int] = {
    "": 1, "1": 1, "k": 10**3, "th": 10**3, "tho": 10**3, "thou": 10**3, "thous": 10**3, "thousand": 10**3,
    "thousands": 10**3, "tsd": 10**3, "1000": 10**3, "mio": 10**6, "mill": 10**6, "million": 10**6,
    "millions": 10**6, "mega": 10**6, "mpt": 10**6, "g": 10**9, "gi": 10**9, "giga": 10**9, "gpt": 10**9,
    "b": 10**9, "bil": 10**9, "bill": 10**9, "billion": 10**9, "billions": 10**9,
    # a lost superscript: "x109/L" and "103/uL" can mean nothing else
    "103": 10**3, "106": 10**6, "109": 10**9,
}  # fmt: skip

_POWER = re.compile(r"1?0?(?:\^|\*\*|\*|e\+?|exp|\^?\()(3|6|9)\)?")
_OBJECT = re.compile(r"(?:white|red|blood|cells?|wbcs?|rbcs?|plts?|platelets?|leukocytes?|leucocytes?|counts?|#)+")
_BARE_ATOM = re.compile(r"(?:^|[/.*()\d])[KGkgMmT](?:$|[/.*()])")
_LENGTH_ATOM = re.compile(r"(?:da|[YZEPTGMkhdcmunpfazy])?[Llm]")
_UCUM_LETTERS = re.compile(r"[A-Za-z0-9%/.*^()\[\]{}'+\-]+")

_MASSES_G_PER_DL: dict[str, Fraction] = {
    **dict.fromkeys(
        ("g/dl", "gm/dl", "gms/dl", "gr/dl", "grams/dl", "gram/dl", "g%", "gm%", "gms%", "g/100ml", "gm/100ml"),
        Fraction(1),
    ),
    **dict.fromkeys(("g/l", "gm/l", "gms/l", "gr/l", "grams/l", "gram/l", "mg/ml"), Fraction(1, 10)),
    **dict.fromkeys(("g/cl", "gm/cl"), Fraction(10)),
    "mg/dl": Fraction(1, 1000),
    # mmol of haem (one chain, 16,114 g/mol), as laboratories that report mmol/L do
    **dict.fromkeys(("mmol/l", "mmol(fe)/l", "mmol{hb}/l", "mmol(hb)/l"), Fraction(16114, 10**4)),
}
_VOLUMES_FL: dict[str, Fraction] = dict.fromkeys(
    ("fl", "femtoliter", "femtoliters", "femtolitre", "femtolitres", "um3", "um^3", "u3", "u^3", "cuum", "cum",
     "cubicmicron", "cubicmicrons", "cumicron", "cumicrons", "cubicmicrometer", "cubicmicrometers"),
    Fraction(1),
)  # fmt: skip
_SHARES_PERCENT: dict[str, Fraction] = {
    **dict.fromkeys(
        ("%", "percent", "percents", "pct", "percentage", "prct", "/100", "/100wbc", "/100wbcs", "per100wbc",
         "per100wbcs", "/100leukocytes", "per100leukocytes", "/100rbc", "per100rbc", "%ofwbc", "%wbc", "%rbc",
         "%oftotal", "%ofleukocytes"),
        Fraction(1),
    ),
    **dict.fromkeys(("1", "fraction", "numberfraction", "l/l", "ratio", "{ratio}", "{fraction}"), Fraction(100)),
    **dict.fromkeys(("‰", "permille", "/1000", "/1000rbc", "per1000rbc", "[ppth]"), Fraction(1, 10)),
}  # fmt: skip


def to_float(value: Fraction) -> float:
    """The nearest number of 15 significant digits, so that a change of unit never flips a comparison at a limit.

    >>> to_float(Fraction(1499) * Fraction(1, 1000))
    1.499
    """
    return float(f"{float(value):.15g}")


def find_factor(unit: str, quantity: Quantity) -> Fraction | None:
    """By what a number in `unit` is multiplied to be in leukon's unit of `quantity`; None where it cannot be said.

    >>> find_factor("K/uL", "count"), find_factor("cells/mm3", "count"), find_factor("g/L", "mass")
    (Fraction(1, 1), Fraction(1, 1000), Fraction(1, 10))
    >>> find_factor("mmol/L", "count") is None
    True
    """
    if len(unit) > _LONGEST:
        return None
    return _find(unit, quantity)


@lru_cache(maxsize=2048)
def _find(unit: str, quantity: Quantity) -> Fraction | None:
    plain = _simplify(unit)
    if quantity == "count":
        found = _count_factor(plain)
    else:
        table = {"mass": _MASSES_G_PER_DL, "volume": _VOLUMES_FL, "percent": _SHARES_PERCENT}[quantity]
        found = table.get(plain) or table.get(re.sub(r"\{.*?\}", "", plain))
    return found if found is not None else _ucum_factor(unit.strip(), quantity)


def _simplify(unit: str) -> str:
    """Lower case, no blanks, plain letters: "× 10⁹ / L" becomes "10^9/l"."""
    text = re.sub(r"([⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+)", r"^\1", unit).translate(_SUPERSCRIPTS)
    text = text.replace("µ", "u").replace("μ", "u").replace("×", "x").replace("·", ".").replace("⁄", "/")
    text = re.sub(r"\s+", "", text).lower().rstrip(".")
    return text.removeprefix("x").removeprefix("*")


def _count_factor(plain: str) -> Fraction | None:
    """The factor of a count per volume to 10*9/L: multiplier, what is counted, "/" or "per", volume."""
    text = re.sub(r"\{.*?\}", "", plain)
    text = re.sub(r"[.*]?((?:mm\^?3|[a-z]+))\^?-1$", r"/\1", text)  # giga.l-1, nL-1
    if text in ("mm3", "mm^3", "cumm", "cmm"):  # "ANC 1200 mm3": the slash is often left out
        return Fraction(1, 1000)
    head, slash, volume = text.partition("/")
    if not slash:
        head, slash, volume = text.partition("per")
    litres = _VOLUMES_L.get(volume)
    if not slash or litres is None:
        return None
    head = _OBJECT.sub("", head).strip(".*x-")
    power = _POWER.fullmatch(head)
    many = 10 ** int(power[1]) if power else _WORDS.get(head)
    if many is None or (head in ("g", "b") and litres != 1):  # G/L is giga per litre, g/dL is a mass
        return None
    return Fraction(many) / litres / 10**9


def _ucum_factor(unit: str, quantity: Quantity) -> Fraction | None:
    """What a UCUM parser makes of it, if the dimension is right and no lone letter could be misread as a unit."""
    if quantity == "percent" or not _UCUM_LETTERS.fullmatch(unit) or _BARE_ATOM.search(unit):
        return None
    if not any(mark in unit for mark in "/.-"):
        return None
    words = re.findall(r"[A-Za-z%\[\]]+", re.sub(r"\{.*?\}", "", unit))
    if quantity == "count" and not all(_LENGTH_ATOM.fullmatch(word) for word in words):
        return None  # [iU]/L, rad/L: dimensionless for the parser, but no count
    try:
        parse = _ucum_parser()
        ratio = parse(unit) / parse(UNIT_OF[quantity])
        size = float(ratio.to("dimensionless").magnitude)  # raises where the dimension is another
    except Exception:
        return None
    return Fraction(f"{size:.12g}") if size > 0 and isfinite(size) else None


@lru_cache(maxsize=1)
def _ucum_parser() -> Any:
    import importlib
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module("ucumvert").PintUcumRegistry().from_ucum
