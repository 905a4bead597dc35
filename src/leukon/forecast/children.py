"""What the next neutrophil counts of a child on 6-mercaptopurine maintenance therapy will be.

A child's counts are forecast from the child's own level, which wanders, and from the doses of the weeks before, through
a linearised chain from marrow to blood. All is linear on the scale ln(count + offset): the answer is exact and takes a
millisecond. The weights were learnt on real children: `data/maintenance.yaml`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from leukon.forecast.dose_response import LAG_DAYS, dose_effect, dose_kernel, relative_doses
from leukon.forecast.residual import condition
from leukon.forecast.weights import MaintenanceWeights, load_weights

__all__ = ["ASSUMPTIONS", "MaintenanceForecast", "forecast_maintenance"]

Floats = NDArray[np.float64]

ASSUMPTIONS = (
    "The child is on 6-mercaptopurine maintenance therapy; methotrexate and infections are not modelled.",
    "A day without a recorded dose is a day without a dose; days to come follow the week before.",
    "The effect of a dose was learnt where doctors lower the dose when counts are low, so it may be understated.",
)
"""What a reader of the forecast must know."""

_FLOOR_E9_L = 0.01  # the lowest neutrophil count a forecast names
_MOST_COUNTS = 200  # older ones say nothing about next month
_MOST_DAYS = 3650.0  # nor do counts ten years old; nobody forecasts further
_SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class MaintenanceForecast:
    """Neutrophils (10⁹/L) on the days asked for. A measured count and the underlying course are told apart."""

    at_days: Floats
    mean: Floats
    """Mean of ln(count + offset)."""
    course: Floats
    """Covariance of the underlying course on that scale."""
    noise_variance: float
    """What one measured count adds to it."""
    counts_used: int
    step_e9_l: float
    """The step in which the counts of this record are printed (0.1 or 0.01)."""
    weights: MaintenanceWeights

    @property
    def spread(self) -> Floats:
        """Standard deviation of a measured count on the scale ln(count + offset)."""
        return np.sqrt(np.diag(self.course) + self.noise_variance)

    @property
    def mean_log(self) -> Floats:
        """Median of ln(count)."""
        return np.log(self.median())

    @property
    def sd_log(self) -> Floats:
        """Half the 90 % interval of ln(count) over 1.645: the standard deviation a log-normal count would have."""
        return np.log(self.quantile(0.95) / self.quantile(0.05)) / (2 * 1.6448536)

    def median(self) -> Floats:
        """The middle forecast of a count the laboratory would measure, 10⁹/L."""
        return self._to_count(self.mean)

    def quantile(self, p: float) -> Floats:
        """The count (10⁹/L) a measured one falls below with probability `p`: 0.05 and 0.95 bound the 90 % interval."""
        return self._to_count(self.mean + _t_quantile(p, self.weights.tail_df) * self.spread)

    def probability_below(self, limit_e9_l: float) -> Floats:
        """P(a count measured on that day is printed below the limit), 0 to 1."""
        edge = max(limit_e9_l - self.step_e9_l / 2, 0.0) + self.weights.offset_e9_l
        return _t_cdf((math.log(edge) - self.mean) / self.spread, self.weights.tail_df)

    def draw_courses(self, n: int, seed: int = 0) -> Floats:
        """`n` underlying courses (n × days, 10⁹/L), without the noise of single counts."""
        values, vectors = np.linalg.eigh(self.course)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        normal = np.random.default_rng(seed).standard_normal((n, len(values)))
        return self._to_count(self.mean + normal @ root.T)

    def days_below(self, limit_e9_l: float, n: int = 1000, seed: int = 0) -> tuple[float, float, float]:
        """Days of the underlying course below the limit: median, 5th and 95th centile. Ask for daily `at_days`."""
        below = (self.draw_courses(n, seed) < limit_e9_l).sum(axis=1)
        p05, middle, p95 = np.quantile(below, (0.05, 0.5, 0.95))
        return float(middle), float(p05), float(p95)

    def _to_count(self, scaled: Floats) -> Floats:
        return np.maximum(np.exp(scaled) - self.weights.offset_e9_l, _FLOOR_E9_L)


def forecast_maintenance(
    days: ArrayLike,
    anc_e9_l: ArrayLike,
    dose_days: ArrayLike,
    doses_mg_m2: ArrayLike,
    at_days: ArrayLike,
    weights: MaintenanceWeights | None = None,
) -> MaintenanceForecast:
    """The neutrophil counts of a child in maintenance therapy on the days `at_days`, none before the last count.

    `days` and `anc_e9_l` (10⁹/L) are the counts since maintenance began, 0 allowed; none gives the forecast of the
    population. `dose_days` and `doses_mg_m2` are the 6-mercaptopurine doses, any unit as long as it is one; a day
    without a record is a day without a dose, days to come without a record follow the week before. All days are on one
    axis.
    What cannot be used raises ValueError with one line that says what and where.

    >>> ahead = forecast_maintenance([0, 7, 14, 21], [2.1, 1.8, 1.9, 1.6], [], [], [28])
    >>> bool(1.4 < ahead.median()[0] < 2.1)
    True
    """
    w = weights or load_weights()
    day, anc = _pair(days, anc_e9_l, "count")
    dose_day, dose = _pair(dose_days, doses_mg_m2, "dose")
    at = np.atleast_1d(np.asarray(at_days, dtype=np.float64))
    if not (at.size and np.isfinite(at).all()):
        raise ValueError("name the days to forecast, each a number")
    if len(day) and at.min() < day[-1] - _SLACK:
        raise ValueError(f"day {at.min():g} lies before the last count (day {day[-1]:g}): ask for later days")
    now = float(day[-1]) if len(day) else float(at.min())
    if at.max() > now + _MOST_DAYS:
        raise ValueError(f"day {at.max():g} is more than ten years after day {now:g}: ask for nearer days")
    begin = min((float(x[0]) for x in (dose_day, day) if len(x)), default=now)
    kept = np.flatnonzero(day >= now - _MOST_DAYS)[-_MOST_COUNTS:]
    day, anc = day[kept], anc[kept]
    both = np.concatenate([day, at])
    expected = w.mean - w.start_deficit * np.exp(-np.maximum(both - begin, 0.0) / w.start_days)
    if len(dose):
        first, last = math.floor(both.min()) - LAG_DAYS, math.floor(both.max())
        relative = relative_doses(dose_day, dose, first, math.floor(now), last, w.dose.highest)
        expected = expected + dose_effect(relative, first, both, dose_kernel(w.dose))
    level = condition(day, np.log(anc + w.offset_e9_l) - expected[: len(day)], at, w)
    return MaintenanceForecast(
        at, expected[len(day) :] + level.mean, level.covariance, level.noise_variance, len(day), _printed_step(anc), w
    )


def _pair(days: ArrayLike, values: ArrayLike, what: str) -> tuple[Floats, Floats]:
    """Two arrays of one length, in order of day."""
    day, value = (np.atleast_1d(np.asarray(x, dtype=np.float64)) for x in (days, values))
    if day.shape != value.shape or day.ndim != 1:
        raise ValueError(f"each {what} needs one day: {day.size} days, {value.size} values")
    if not (np.isfinite(day).all() and np.isfinite(value).all()):
        raise ValueError(f"each {what} and its day must be a number: leave out those that are missing")
    if (value < 0).any():
        raise ValueError(f"a {what} cannot be negative: {value.min():g} on day {day[value.argmin()]:g}")
    order = np.argsort(day, kind="stable")
    return day[order], value[order]


def _printed_step(anc: Floats) -> float:
    return 0.1 if len(anc) and bool(np.all(np.abs(anc * 10 - np.round(anc * 10)) < 1e-6)) else 0.01


def _t_quantile(p: float, df: float) -> float:
    """Quantile of Student's t (Wallace 1959, inverted): 5 % and 95 % right to 0.1 % from 5 degrees of freedom on."""
    from statistics import NormalDist

    z = NormalDist().inv_cdf(p) * (8 * df + 3) / (8 * df + 1)
    return math.copysign(math.sqrt(df * math.expm1(z * z / df)), z)


def _t_cdf(t: Floats, df: float) -> Floats:
    """The same approximation: right to 0.0004 from 5 degrees of freedom on."""
    z = np.copysign((8 * df + 1) / (8 * df + 3) * np.sqrt(df * np.log1p(t * t / df)), t)
    return np.array([0.5 * math.erfc(-x / math.sqrt(2)) for x in z.tolist()])
