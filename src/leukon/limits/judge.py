"""Is each count low for this person: low, normal, high, or it cannot be said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from leukon.answer import Change, LimitUsed, RangeStatus
from leukon.counts.series import Counts, CountValue
from leukon.limits.change import find_change
from leukon.limits.choose import choose_limit
from leukon.patient import Patient, Person

__all__ = ["CANNOT_SAY", "Judged", "judge_counts", "judge_value", "low_of"]

LOW_OF = ("wbc", "neutrophils", "lymphocytes")
CANNOT_SAY = "cannot say"
_EDGE_E9_L = (4.0, 4.5)  # white cells: some laboratories print 4.5 as the lower limit, the definition is 4.0


@dataclass(frozen=True, slots=True)
class Judged:
    """One count with the limit that applies, the laboratory's own verdict and the change from earlier counts."""

    count: CountValue
    status: str  # "low|normal|high|cannot say"
    limit: LimitUsed | None
    laboratory: RangeStatus | None
    change: Change | None
    edge: str | None = None


def judge_counts(counts: Counts, patient: Patient) -> tuple[Judged, ...]:
    """Judges every count at the age (and week of pregnancy) at which it was taken, oldest first."""
    earlier: dict[str, list[CountValue]] = {}
    judged: list[Judged] = []
    for count in counts.values:
        before = earlier.setdefault(count.analyte, [])
        judged.append(_judge(count, patient, before if counts.timed else ()))
        before.append(count)
    return tuple(judged)


def _judge(count: CountValue, patient: Patient, earlier: Sequence[CountValue]) -> Judged:
    back = 0.0 if count.day is None else patient.now - count.day
    person, weeks = _at_time(patient.person, back)
    age = None if person.age_days is None else person.age_days - back
    if age is not None and age < -1:
        note = "taken before birth: the age or the day is wrong"
        return Judged(count, CANNOT_SAY, None, _laboratory(count), None, note)
    limit = choose_limit(count.analyte, person, age, laboratory=count.limits, unit=count.unit, pregnancy_weeks=weeks)
    status = _status(count, limit)
    if person.sex is None and not person.pregnant:
        limit, status = _without_sex(count, person, age, limit, status)
    return Judged(count, status, limit, _laboratory(count), find_change(count, earlier), _edge(count, status, limit))


def _at_time(person: Person, back: float) -> tuple[Person, float | None]:
    """The person as they were `back` days ago: not pregnant before the pregnancy began."""
    if person.pregnant is not True or back <= 0:
        return person, person.pregnancy_weeks
    if person.pregnancy_weeks is None:
        return (replace(person, pregnant=None), None) if back > 280 else (person, None)
    weeks = person.pregnancy_weeks - back / 7
    return (person, weeks) if weeks >= 0 else (replace(person, pregnant=None, pregnancy_weeks=None), None)


def _without_sex(
    count: CountValue, person: Person, age: float | None, limit: LimitUsed | None, status: str
) -> tuple[LimitUsed | None, str]:
    """Where the limits of women and men differ and sex is not given: only what holds for both is said."""
    both = [
        choose_limit(count.analyte, replace(person, sex=sex), age, laboratory=count.limits, unit=count.unit)
        for sex in ("female", "male")
    ]
    if both[0] == both[1] or both[0] is None or both[1] is None:
        return limit, status
    woman, man = both[0], both[1]
    note = f"sex not given: lower limit {woman.lower} in women, {man.lower} in men"
    verdicts = {_status(count, woman), _status(count, man)}
    return replace(woman, note=note), verdicts.pop() if len(verdicts) == 1 else CANNOT_SAY


def _status(count: CountValue, limit: LimitUsed | None) -> str:
    if limit is None:
        return CANNOT_SAY
    return judge_value(count.value, limit.lower, limit.upper, censored=count.censored == "<", over=count.over)


def judge_value(
    value: float, lower: float | None, upper: float | None, *, censored: bool = False, over: bool = False
) -> str:
    """ "low", "normal" or "high"; "cannot say" where a bound ("< 5", "> 2") or a missing limit leaves it open.

    >>> judge_value(0, 1.5, 7.7), judge_value(4.0, 4.0, 11.0), judge_value(5, 4, 11, censored=True)
    ('low', 'normal', 'cannot say')
    """
    if lower is None and upper is None:
        return CANNOT_SAY
    if censored:
        if lower is not None and value <= lower and lower > 0:
            return "low"
        return "normal" if not lower and upper is not None and value <= upper else CANNOT_SAY
    if over:
        return "high" if upper is not None and value >= upper else CANNOT_SAY
    if lower is not None and value < lower:
        return "low"
    return "high" if upper is not None and value > upper else "normal"


def _laboratory(count: CountValue) -> RangeStatus | None:
    if count.limits is None:
        return None
    lower, upper = count.limits
    return RangeStatus(
        lower, upper, judge_value(count.value, lower, upper, censored=count.censored == "<", over=count.over)
    )


def _edge(count: CountValue, status: str, limit: LimitUsed | None) -> str | None:
    low, high = _EDGE_E9_L
    if count.analyte != "wbc" or status != "normal" or limit is None or limit.owner not in ("adult", "laboratory"):
        return None
    if limit.lower is not None and limit.lower >= low and count.value < high:
        return f"WBC {count.value:g} is not low, at the edge: some laboratories print 4.5 as the lower limit"
    return None


def low_of(judged: Sequence[Judged]) -> str:
    """ "low" if white cells, neutrophils or lymphocytes are low at the newest count, else "not low".

    The newest count is the last draw that holds one of the three, with what else was counted within a day of it.
    "cannot say" where none is low and one of them cannot be judged, or where there is none.
    """
    three = [j for j in judged if j.count.analyte in LOW_OF]
    if not three:
        return CANNOT_SAY
    last = three[-1].count
    newest = {j.count.analyte: j for j in three if _together(j.count, last)}
    verdicts = {j.status for j in newest.values()}
    if "low" in verdicts:
        return "low"
    return CANNOT_SAY if CANNOT_SAY in verdicts else "not low"


def _together(count: CountValue, last: CountValue) -> bool:
    if count.draw == last.draw and count.day == last.day:
        return True
    return count.day is not None and last.day is not None and last.day - count.day < 1.0
