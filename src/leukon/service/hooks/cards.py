"""What the record gets: cards. A card that breaks the standard cannot be made.

The rules cds-resp-1 to cds-resp-7 stand in the validators of this module, by their names:
https://build.fhir.org/ig/HL7/cds-hooks/en/StructureDefinition-CDSHooksResponse.html. Empty and null values are
forbidden, so what is optional is left out.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AnyHttpUrl, BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

__all__ = ["Action", "Answer", "Card", "Coding", "Link", "OverrideReason", "Source", "Suggestion"]

Text = Annotated[str, Field(min_length=1)]


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True)


class Coding(_Said):
    code: Text
    system: Text
    display: Text | None = None


class OverrideReason(_Said):
    """Why a card may be set aside: a Coding whose words must be given (cds-resp-4)."""

    code: Text
    system: Text
    display: Text


class Source(_Said):
    label: Text
    url: AnyHttpUrl | None = None
    topic: Coding | None = None


class Link(_Said):
    label: Text
    url: AnyHttpUrl
    type: Literal["absolute", "smart"]
    app_context: Text | None = None

    @model_validator(mode="after")
    def _context_is_for_apps(self) -> Link:
        if self.type != "smart" and self.app_context is not None:
            raise ValueError("appContext is for smart links only (cds-resp-3)")
        return self


class Action(_Said):
    """One change that the record may make. Its words must be given (cds-resp-5)."""

    type: Literal["create", "update", "delete"]
    description: Text
    resource: dict[str, Any] | None = None
    resource_id: Text | None = None

    @model_validator(mode="after")
    def _deletes_by_id(self) -> Action:
        if self.type == "delete" and (self.resource_id is None or self.resource is not None):
            raise ValueError("delete names a resourceId and no resource (cds-resp-2)")
        if self.type != "delete" and not self.resource:
            raise ValueError(f"{self.type} needs a resource")
        return self


class Suggestion(_Said):
    label: Text
    uuid: UUID | None = None
    is_recommended: bool | None = None
    actions: Annotated[list[Action], Field(min_length=1)] | None = None
    action_selection_behavior: Literal["all", "any", "at-most-one"] | None = None  # cds-resp-7


class Card(_Said):
    """`summary` is one sentence of under 140 characters, `detail` GitHub-flavoured Markdown."""

    uuid: UUID | None = None
    summary: Annotated[str, Field(min_length=1, max_length=139)]
    detail: Text | None = None
    indicator: Literal["info", "warning", "critical"]
    source: Source
    suggestions: Annotated[list[Suggestion], Field(min_length=1)] | None = None
    selection_behavior: Literal["at-most-one", "any"] | None = None
    override_reasons: Annotated[list[OverrideReason], Field(min_length=1)] | None = None
    links: Annotated[list[Link], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _says_how_to_choose(self) -> Card:
        suggested = self.suggestions or []
        if suggested and self.selection_behavior is None:
            raise ValueError("suggestions need a selectionBehavior (cds-resp-6)")
        recommended = sum(bool(s.is_recommended) for s in suggested)
        if self.selection_behavior == "at-most-one" and recommended > 1:
            raise ValueError("at most one suggestion can be recommended where one may be chosen (cds-resp-1)")
        return self


class Answer(_Said):
    """The cards; none where there is nothing to say. leukon never proposes that the record act by itself."""

    cards: Annotated[list[Card], Field(max_length=3)]
