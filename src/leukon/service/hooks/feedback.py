"""What became of the cards. It is counted by service, outcome and reason; nothing else of it is kept.

Not kept: the card's id, the comment, the time. https://cds-hooks.hl7.org/2.0/#feedback, rules cds-fb-1 to cds-fb-3.
"""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from prometheus_client import Counter
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from leukon.service.hooks.names import OVERRIDE_REASONS, REASONS

__all__ = ["COUNTED", "Feedback", "FeedbackRequest", "Received", "count_feedback"]

COUNTED = Counter(
    "leukon_hook_feedback",
    "Cards accepted or set aside, by the reason chosen",
    ("service", "outcome", "reason"),
    registry=None,  # the application registers it with its own numbers
)


class _Sent(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, hide_input_in_errors=True)


def _take_text(value: object) -> object:
    """A time is written out; a bare number is none."""
    if not isinstance(value, str):
        raise ValueError("not a time such as 2026-11-25T10:05:31Z")
    return value


class ChosenReason(_Sent):
    code: Annotated[str, Field(min_length=1)]
    system: Annotated[str, Field(min_length=1)]
    display: str | None = None


class OverrideComment(_Sent):
    """Why a card was set aside: a reason of the list, words, or both (cds-fb-3)."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {"properties": {"reason": {"type": "object"}}, "required": ["reason"]},
                {"properties": {"userComment": {"type": "string", "minLength": 1}}, "required": ["userComment"]},
            ]
        }
    )

    reason: ChosenReason | None = None
    user_comment: str | None = None

    @model_validator(mode="after")
    def _says_something(self) -> OverrideComment:
        if self.reason is None and not self.user_comment:
            raise ValueError("overrideReason needs a reason or a userComment (cds-fb-3)")
        return self


class AcceptedSuggestion(_Sent):
    id: UUID


class Feedback(_Sent):
    """One card: accepted with the suggestions that were taken, or overridden (cds-fb-1)."""

    model_config = ConfigDict(
        json_schema_extra={
            "if": {"properties": {"outcome": {"const": "accepted"}}, "required": ["outcome"]},
            "then": {"properties": {"acceptedSuggestions": {"type": "array"}}, "required": ["acceptedSuggestions"]},
        }
    )

    card: UUID
    outcome: Literal["accepted", "overridden"]
    accepted_suggestions: Annotated[list[AcceptedSuggestion], Field(min_length=1)] | None = None
    override_reason: OverrideComment | None = None
    outcome_timestamp: Annotated[AwareDatetime, BeforeValidator(_take_text)]

    @model_validator(mode="after")
    def _names_what_was_accepted(self) -> Feedback:
        if self.outcome == "accepted" and not self.accepted_suggestions:
            raise ValueError("accepted needs acceptedSuggestions (cds-fb-2)")
        return self


class FeedbackRequest(_Sent):
    feedback: list[Feedback]


class Received(BaseModel):
    """How many entries were counted."""

    received: int


def count_feedback(service: str, request: FeedbackRequest) -> Received:
    """Counts what the record told; a reason that is not leukon's own counts as "other"."""
    for told in request.feedback:
        COUNTED.labels(service, told.outcome, _name_reason(told)).inc()
    return Received(received=len(request.feedback))


def _name_reason(told: Feedback) -> str:
    if told.override_reason is None:
        return "none"
    chosen = told.override_reason.reason
    own = chosen is not None and chosen.system == OVERRIDE_REASONS and chosen.code in REASONS
    return chosen.code if chosen is not None and own else "other"
