"""The course of the leading cause of an assessment."""

from __future__ import annotations

from typing import Any

from leukon.answer import Report
from leukon.forecast.choose import Leading
from leukon.forecast.outlook import DAYS, forecast
from leukon.patient import Patient
from leukon.policy import Policy

__all__ = ["course_of", "leading_cause"]


def course_of(patient: Patient, report: Report, *, days: int = DAYS, policy: Policy | None = None) -> dict[str, Any]:
    """The course of the leading cause, for `Report.course`; MarrowError says in one line why there is none."""
    return forecast(patient, days=days, policy=policy, find_cause=lambda: leading_cause(report)).to_dict()


def leading_cause(report: Report) -> Leading | None:
    """The first cause of a report that is not "this person's normal"."""
    cause = next((c for c in report.causes if c.id != "no_leukopenia"), None)
    if cause is None:
        return None
    kind, _, drug = cause.id.partition(":")
    return Leading(cause.id, cause.family, drug if kind == "drug" else None)
