"""The resources of FHIR R4 that are read, as typed structs: what they do not name is skipped without being built."""

from __future__ import annotations

from typing import Any

import msgspec

__all__ = ["Concept", "Condition", "Medication", "MedicationUse", "Observation", "Patient", "Quantity", "Resource"]


class Coding(msgspec.Struct):
    system: str | None = None
    code: str | None = None
    display: str | None = None


class Concept(msgspec.Struct):
    coding: list[Coding] = []
    text: str | None = None


class Reference(msgspec.Struct):
    reference: str | None = None
    display: str | None = None


class Quantity(msgspec.Struct):
    value: float | None = None
    comparator: str | None = None
    unit: str | None = None
    system: str | None = None
    code: str | None = None


class Period(msgspec.Struct):
    start: str | None = None
    end: str | None = None


class Range(msgspec.Struct):
    low: Quantity | None = None
    high: Quantity | None = None
    text: str | None = None
    appliesTo: list[Any] | None = None  # noqa: N815  (FHIR's name)


class Part(msgspec.Struct, rename="camel"):
    """What an observation and a component of one have in common."""

    code: Concept | None = None
    value_quantity: Quantity | None = None
    value_string: str | None = None
    value_integer: int | None = None
    value_codeable_concept: Concept | None = None
    reference_range: list[Range] = []


class Observation(Part, rename="camel"):
    resource_type: str | None = None
    id: str | None = None
    status: str | None = None
    subject: Reference | None = None
    effective_date_time: str | None = None
    effective_instant: str | None = None
    effective_period: Period | None = None
    issued: str | None = None
    component: list[Part] = []


class Extension(msgspec.Struct, rename="camel"):
    url: str | None = None
    value_string: str | None = None
    extension: list[Extension] = []


class Patient(msgspec.Struct, rename="camel"):
    resource_type: str | None = None
    id: str | None = None
    gender: str | None = None
    birth_date: str | None = None
    extension: list[Extension] = []


class Condition(msgspec.Struct, rename="camel"):
    resource_type: str | None = None
    code: Concept | None = None
    subject: Reference | None = None
    clinical_status: Concept | None = None
    verification_status: Concept | None = None
    onset_date_time: str | None = None
    onset_period: Period | None = None
    recorded_date: str | None = None
    abatement_date_time: str | None = None


class Medication(msgspec.Struct, rename="camel"):
    resource_type: str | None = None
    id: str | None = None
    code: Concept | None = None
    status: str | None = None


class Dispense(msgspec.Struct, rename="camel"):
    validity_period: Period | None = None


class MedicationUse(msgspec.Struct, rename="camel"):
    """A request, a statement or an administration."""

    resource_type: str | None = None
    status: str | None = None
    intent: str | None = None
    do_not_perform: bool | None = None
    subject: Reference | None = None
    medication_codeable_concept: Concept | None = None
    medication_reference: Reference | None = None
    contained: list[Medication] = []
    effective_date_time: str | None = None
    effective_period: Period | None = None
    authored_on: str | None = None
    dispense_request: Dispense | None = None


class Resource(msgspec.Struct, rename="camel"):
    """What says the type of any resource."""

    resource_type: str | None = None
