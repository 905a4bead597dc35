"""The text of one value, read as a number with its unit; what cannot be read is refused with the reason."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from leukon.counts.analytes import Analyte, Form
from leukon.counts.units import UNIT_OF, find_factor, to_float

__all__ = ["Reading", "Refusal", "read_value"]


@dataclass(frozen=True, slots=True)
class Reading:
    """A value in leukon's unit. `bound` says that the truth lies under ("<") or over (">") the number."""

    value: Fraction
    percent: bool
    unit: str
    factor: Fraction = Fraction(1)  # of the unit it was given in
    bound: str | None = None
    remark: str | None = None  # "midpoint of 1-2"

    @property
    def number(self) -> float:
        return to_float(self.value)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a value is not used, for people."""

    reason: str


_LONGEST = 80
_NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?|[.,]\d+)(?:e[+-]?\d{1,2}(?![\d/]))?"
_SPACED = r"\d{1,3}(?:[ '\u2009\u202f\u00a0]\d{3})+(?:\.\d+)?"
_LESS = r"<=|≤|<|less than|fewer than|lower than|under|below|up to"
_MORE = r">=|≥|>|more than|greater than|higher than|over|above|at least"
_SHAPE = (
    r"^(?P<sign>{less}|{more}|~|≈|about|approximately|approx\.?|around|ca\.?|circa|=)?\s*(?P<minus>-\s*)?"
    r"(?P<low>{number})(?:\s*(?:-|–|—|to)\s*(?P<high>{number}))?\s*(?P<rest>.*)$"
)
_PLAIN = re.compile(_SHAPE.format(less=_LESS, more=_MORE, number=_NUMBER), re.IGNORECASE | re.DOTALL)
_WIDE = re.compile(_SHAPE.format(less=_LESS, more=_MORE, number=_SPACED), re.IGNORECASE | re.DOTALL)
_LESS_RE = re.compile(_LESS, re.IGNORECASE)
_MORE_RE = re.compile(_MORE, re.IGNORECASE)
_FLAG = re.compile(
    r"(?:^|\s+|\s*[(\[])(?:low|high|critical|crit|panic|normal|ll|hh|l|h|n|c|\*+|!+)[)\]]?$", re.IGNORECASE
)
_BLANK = re.compile(
    r"^[\s\-*._?=+#/\\–—]*$|^(?:tnp|qns|clot(?:ted)?|hemolyzed|haemolysed|n/?a|nan|nil|none|null|unk(?:nown)?|pending|"
    r"not (?:done|available|performed|reported|measured|given)|nd|n\.d\.|cancel(?:l?ed)?|invalid|error|insufficient.*|"
    r"see (?:note|comment).*|test not performed.*|quantity not sufficient.*)\.?$",
    re.IGNORECASE,
)


def _number(text: str) -> Fraction:
    """A printed number, exactly: "4,710" is 4710, "3,2" is 3.2, and so is "0,310" 0.31: no thousands begin with 0."""
    text = re.sub(r"[ '\u2009\u202f\u00a0]", "", text)
    mantissa, e, power = text.lower().partition("e")
    if re.fullmatch(r"[1-9]\d{0,2}(,\d{3})+(\.\d+)?", mantissa):
        mantissa = mantissa.replace(",", "")
    mantissa = mantissa.replace(",", ".")
    return Fraction(mantissa if mantissa[0] != "." else "0" + mantissa) * Fraction(10) ** int(power if e else 0)


@lru_cache(maxsize=16384)  # batches say the same values again and again
def read_value(text: str, analyte: Analyte, *, bare_unit: bool = True, form: Form = "any") -> Reading | Refusal:
    """Reads a value such as "3200 /uL", "9 %", "<0.1" or "1.1 x 10^9/L" of `analyte`.

    A number without a unit is read in the analyte's own unit where `bare_unit` allows it (leukon's own records), or
    as a percentage where the name says so; otherwise its unit is missing and it is refused.

    >>> from leukon.counts.analytes import ANALYTES
    >>> read_value("4,710 /uL", ANALYTES["wbc"]).number
    4.71
    >>> read_value("2100", ANALYTES["wbc"]).reason
    'a bare number is read in 10*9/L, and nobody has 2100: did you mean 2100 /uL?'
    """
    if len(text) > _LONGEST:
        return Refusal("too long to be a value")
    said = " ".join(text.replace("\u00a0", " ").split())
    if _BLANK.match(said):
        return Refusal(f"no value: the analyser or laboratory gave {said or 'nothing'!r}")
    refusal: Refusal | None = None
    for shape in (_PLAIN, _WIDE):
        match = shape.match(said)
        if match:
            read = _read(match, analyte, bare_unit, form)
            if isinstance(read, Reading):
                return read
            refusal = refusal or read
    return refusal or Refusal("not a number")


def _read(match: re.Match[str], analyte: Analyte, bare_unit: bool, form: Form) -> Reading | Refusal:
    low = _number(match["low"])
    high = _number(match["high"]) if match["high"] else low
    if match["minus"]:
        return Refusal("a count cannot be negative")
    if high < low:
        return Refusal("a range must run from low to high")
    if low.denominator > 10**30 or abs(high) > 10**30:
        return Refusal("not a plausible number")
    rest = match["rest"].strip()
    found = _factor(rest, analyte, form)
    if found is None:
        stripped = _FLAG.sub("", rest).strip()
        found = _factor(stripped, analyte, form) if stripped != rest else None
        rest = stripped
    bare = not rest
    if bare:
        if not bare_unit:
            return Refusal("the unit is missing")
        percent = form == "percent" or (analyte.bare_percent and form != "absolute")
        percent = percent and analyte.percent_band is not None
        found = (Fraction(1), percent)
    if found is None:
        expected = UNIT_OF[analyte.quantity] + (" or %" if analyte.percent_band else "")
        return Refusal(f"{rest!r} is not a unit of {analyte.name} that leukon knows (it expects {expected})")
    factor, percent = found
    value = (low + high) / 2 * factor
    refusal = _implausible(to_float(value), f"{match['low']}", analyte, percent, bare)
    if refusal:
        return refusal
    sign = match["sign"] or ""
    bound = "<" if _LESS_RE.fullmatch(sign) else ">" if _MORE_RE.fullmatch(sign) else None
    remark = f"midpoint of {match['low']}-{match['high']}" if match["high"] and low != high else None
    return Reading(value, percent, "%" if percent else UNIT_OF[analyte.quantity], factor, bound, remark)


def _factor(unit: str, analyte: Analyte, form: Form) -> tuple[Fraction, bool] | None:
    if not unit:
        return None
    share = find_factor(unit, "percent") if analyte.percent_band else None
    if share is not None:
        return share, True
    absolute = find_factor(unit, analyte.quantity)
    return None if absolute is None else (absolute, False)


def _implausible(value: float, printed: str, analyte: Analyte, percent: bool, bare: bool) -> Refusal | None:
    unit = "%" if percent else UNIT_OF[analyte.quantity]
    if bare and value > analyte.bare_max:
        return Refusal(
            f"a bare number is read in {unit}, and nobody has {printed}: did you mean {printed} {analyte.meant}?"
        )
    if percent:
        return Refusal("a share cannot exceed 100 %") if value > 100 else None
    lowest, most = analyte.plausible
    if not lowest <= value <= most:
        return Refusal(f"{value:g} {unit} is outside what a living person can have ({lowest:g} to {most:g})")
    return None
