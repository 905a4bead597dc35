"""How low, for how long, how dangerous: grades, names, episodes, risk of infection, urgency."""

from __future__ import annotations

from leukon.severity.episodes import find_episodes
from leukon.severity.grade import Grade, grade_value, report_grades
from leukon.severity.names import STATES, imply_states, name_states
from leukon.severity.situation import make_situation
from leukon.severity.urgency import judge_urgency
from leukon.severity.worst import WorstAnc, bound_anc

__all__ = [
    "STATES", "Grade", "WorstAnc", "bound_anc", "find_episodes", "grade_value", "imply_states",
    "judge_urgency", "make_situation", "name_states", "report_grades",
]  # fmt: skip
