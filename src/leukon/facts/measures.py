"""Measures and signs as people write them: "spleen 4 cm below costal margin", "38.9 C", "BP 80/50"."""

from __future__ import annotations

import re
from collections.abc import Callable

from leukon.facts.model import Reading

__all__ = ["read_measure"]

_LARGE_SPAN = 13.0  # cm: the length of a spleen above which it is enlarged (adults)
_MASSIVE_SPAN = 20.0  # cm
_MASSIVE_BELOW = 8.0  # cm below the costal margin
_LARGE_LIVER = 16.0  # cm of span
_LIVER_BELOW = 2.0  # cm below the costal margin
_LOW_PRESSURE = 90.0  # mmHg, systolic, adults
_FAST, _NOT_FAST = 120.0, 100.0  # beats a minute, adults; between them nothing is said
_LOW_SATURATION = 92.0  # %
_FEVER = 38.0  # degrees Celsius
_COLD = 36.0
_UNDERWEIGHT = 17.5  # kg/m2: thinness of grade 2 (17.0) and anorexia nervosa (17.5)
_TERM = 37.0  # weeks

_NUMBER = r"(?P<value>\d{1,3}(?:\.\d+)?)"
_ORGAN = re.compile(
    r"^(?P<felt>(?:(?:mild|moderate|marked|firm|enlarged|palpable|massive|huge|tender)\s+)*)"
    r"(?P<organ>spleen|splenomegaly|liver|hepatomegaly)\b"
    rf"(?P<way>[^\d]{{0,40}}){_NUMBER}(?:\s*(?:-|to|x|×|by)\s*\d+(?:\.\d+)?)*\s*(?P<unit>cm|mm|fingers?|fingerbreadths?)\b(?P<rest>.*)$",
    re.I,
)
_TEMPERATURE = re.compile(
    r"^(?:(?P<named>(?:(?:body|rectal|oral|axillary|core|maxim(?:al|um)) )?temp(?:erature)?\b|t(?=\s*\d)|tmax)"
    r"[^\d]{0,20})?"
    rf"{_NUMBER}\s*(?:°|º|deg(?:rees)?\.?)?\s*(?P<unit>[cf])(?:elsius|ahrenheit)?\b\.?$",
    re.I,
)
_BMI = re.compile(rf"^(?:bmi|body[- ]mass index)[^\d]{{0,12}}{_NUMBER}", re.I)
_PRESSURE = re.compile(rf"^(?:bp|blood pressure)[^\d]{{0,12}}{_NUMBER}\s*/\s*\d{{2,3}}\b", re.I)
_PULSE = re.compile(rf"^(?:pulse|heart rate|hr)[^\d]{{0,12}}{_NUMBER}\s*(?:/\s*min|bpm|beats|per min|$)", re.I)
_SATURATION = re.compile(rf"^(?:o2 |oxygen )?(?:saturation|sat|spo2|sao2)[^\d]{{0,12}}{_NUMBER}\s*%", re.I)
_NORMAL_ORGAN = re.compile(
    r"^(?:(?:normal|impalpable|non-?palpable|no palpable)(?:[- ]sized?)? (?P<before>spleen|liver|thyroid|lymph nodes?)"
    r"|(?P<after>spleen|liver|thyroid|lymph nodes?) (?:(?:is|are|was|were) )?"
    r"(?:normal(?: in size)?|impalpable|not (?:palpable|enlarged|felt)|non-?palpable))$", re.I,
)  # fmt: skip
_BORN = re.compile(rf"\bborn\b.*?\b{_NUMBER}\s*(?:\+\s*\d\s*)?(?:-\s*)?weeks?\b", re.I)


def read_measure(clause: str) -> tuple[Reading, ...]:
    """The findings that a measured size, temperature, pressure or age at birth stands for; empty where it is none.

    >>> [(r.id, r.present) for r in read_measure("spleen 4 cm below costal margin")]
    [('splenomegaly', True)]
    >>> [(r.id, r.present) for r in read_measure("temperature 36.8 C")]
    [('fever', False)]
    """
    for pattern, read in _READERS:
        if match := pattern.search(clause.strip()):
            return tuple(Reading("finding", name, present, "number") for name, present in read(match))
    return ()


def _read_organ(match: re.Match[str]) -> list[tuple[str, bool]]:
    organ, rest = match["organ"].lower(), match["rest"].lower()
    size = float(match["value"])
    if match["unit"].lower() == "mm":
        size /= 10
    elif match["unit"].lower().startswith("finger"):
        size *= 2
    felt = "palpable" in match["felt"].lower() or "palpable" in match["way"].lower()
    below = felt or any(w in rest for w in ("below", "under", "costal")) or match["unit"].lower().startswith("finger")
    if organ in ("spleen", "splenomegaly"):
        enlarged = below or organ == "splenomegaly" or size >= _LARGE_SPAN
        if size >= (_MASSIVE_BELOW if below else _MASSIVE_SPAN):
            return [("massive_spleen", True)]
        return [("splenomegaly", enlarged)]
    return [("hepatomegaly", organ == "hepatomegaly" or size >= (_LIVER_BELOW if below else _LARGE_LIVER))]


def _read_temperature(match: re.Match[str]) -> list[tuple[str, bool]]:
    value = float(match["value"])
    if match["unit"].lower() == "f":
        value = (value - 32) / 1.8
    if not 28 <= value <= 43:
        return []
    if value < _COLD:
        return [("hypothermia", True)] if match["named"] else []
    return [("fever", round(value, 1) >= _FEVER)]


def _read_bmi(match: re.Match[str]) -> list[tuple[str, bool]]:
    return [("anorexia_nervosa", float(match["value"]) < _UNDERWEIGHT)]


def _read_birth(match: re.Match[str]) -> list[tuple[str, bool]]:
    return [("prematurity", float(match["value"]) < _TERM)]


def _read_pressure(match: re.Match[str]) -> list[tuple[str, bool]]:
    return [("hypotension", float(match["value"]) < _LOW_PRESSURE)]


def _read_pulse(match: re.Match[str]) -> list[tuple[str, bool]]:
    value = float(match["value"])
    return [("tachycardia", value >= _FAST)] if value >= _FAST or value < _NOT_FAST else []


def _read_saturation(match: re.Match[str]) -> list[tuple[str, bool]]:
    return [("hypoxemia", float(match["value"]) < _LOW_SATURATION)]


def _read_normal_organ(match: re.Match[str]) -> list[tuple[str, bool]]:
    organ = (match["before"] or match["after"]).lower().rstrip("s")
    return [
        ({"spleen": "splenomegaly", "liver": "hepatomegaly", "thyroid": "goiter"}.get(organ, "lymphadenopathy"), False)
    ]


_Read = Callable[[re.Match[str]], list[tuple[str, bool]]]
_READERS: tuple[tuple[re.Pattern[str], _Read], ...] = (
    (_ORGAN, _read_organ),
    (_TEMPERATURE, _read_temperature),
    (_BMI, _read_bmi),
    (_BORN, _read_birth),
    (_PRESSURE, _read_pressure),
    (_PULSE, _read_pulse),
    (_SATURATION, _read_saturation),
    (_NORMAL_ORGAN, _read_normal_organ),
)
