"""What a record sends: the request of each hook, as the standard has it.

Fields that leukon does not need (user, encounter, extensions) are checked for their form and otherwise ignored.
https://cds-hooks.hl7.org/2.0/#http-request_1, https://cds-hooks.org/hooks/
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

__all__ = [
    "Authorization", "Bundle", "HookRequest", "OrderSelectContext", "OrderSelectRequest", "OrderSignContext",
    "OrderSignRequest", "PatientViewContext", "PatientViewRequest",
]  # fmt: skip

# an id of FHIR that does not begin with a point, so that "Patient/{id}" cannot climb to another address
FhirId = Annotated[str, Field(pattern=r"^[A-Za-z0-9\-][A-Za-z0-9\-.]{0,63}$")]
Text = Annotated[str, Field(min_length=1)]


class _Sent(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, hide_input_in_errors=True)


class Authorization(BaseModel):
    """The token with which more may be fetched from the record's FHIR server. It is used once and never kept."""

    model_config = ConfigDict(
        frozen=True,
        hide_input_in_errors=True,
        json_schema_extra={
            "if": {"properties": {"scope": {"type": "string", "pattern": "[Pp]atient/"}}, "required": ["scope"]},
            "then": {"properties": {"patient": {"type": "string"}}, "required": ["patient"]},
        },
    )

    access_token: Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,8192}$", repr=False)]
    token_type: Literal["Bearer"]
    expires_in: Annotated[int, Field(strict=True)]
    scope: Text
    subject: Text
    patient: FhirId | None = None

    @model_validator(mode="after")
    def _names_patient(self) -> Authorization:
        if re.search("[Pp]atient/", self.scope) and self.patient is None:
            raise ValueError("the scope is one patient's, so patient must be given (cds-r-2)")
        return self


class Bundle(BaseModel):
    """A FHIR Bundle; its resources are read later, each on its own."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    resourceType: Literal["Bundle"]  # noqa: N815 - the name of FHIR
    entry: list[dict[str, Any]] = Field(default_factory=list[dict[str, Any]])


class PatientViewContext(_Sent):
    """https://cds-hooks.org/hooks/patient-view/"""

    user_id: Text
    patient_id: FhirId
    encounter_id: FhirId | None = None


class OrderSignContext(PatientViewContext):
    """https://cds-hooks.org/hooks/order-sign/"""

    draft_orders: Bundle


class OrderSelectContext(OrderSignContext):
    """https://cds-hooks.org/hooks/order-select/: `selections` are the orders chosen just now, of all drafts."""

    selections: Annotated[list[Text], Field(min_length=1)]


class HookRequest(_Sent):
    """What all hooks have in common."""

    model_config = ConfigDict(
        json_schema_extra={
            "if": {"properties": {"fhirAuthorization": {"type": "object"}}, "required": ["fhirAuthorization"]},
            "then": {"properties": {"fhirServer": {"type": "string"}}, "required": ["fhirServer"]},
        }
    )

    hook: str
    hook_instance: UUID
    fhir_server: Annotated[str, Field(min_length=1, max_length=2048)] | None = None
    fhir_authorization: Authorization | None = None
    context: PatientViewContext
    prefetch: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _names_server(self) -> HookRequest:
        if self.fhir_authorization is not None and self.fhir_server is None:
            raise ValueError("fhirAuthorization is given, so fhirServer must be given (cds-r-1)")
        return self


class PatientViewRequest(HookRequest):
    hook: Literal["patient-view"]
    context: PatientViewContext


class OrderSelectRequest(HookRequest):
    hook: Literal["order-select"]
    context: OrderSelectContext


class OrderSignRequest(HookRequest):
    hook: Literal["order-sign"]
    context: OrderSignContext
