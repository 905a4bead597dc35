"""The services that leukon offers, and the queries whose answers it asks the record to send with each call.

The queries keep to the part of FHIR search that the standard recommends, are bounded by `_count` and ask for the newest
first; relative dates are not part of CDS Hooks 2.0. https://cds-hooks.hl7.org/2.0/#prefetch-template
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from leukon.counts.analytes import LOINC_CODES
from leukon.service.hooks.names import COUNTS, ORDER_SELECT, ORDER_SIGN, PATIENT, PATIENT_VIEW

__all__ = ["TEMPLATES", "Discovery", "list_services"]

_OF = "patient={{context.patientId}}"
TEMPLATES = {
    PATIENT: "Patient/{{context.patientId}}",
    COUNTS: f"Observation?{_OF}&code={','.join(LOINC_CODES)}&_sort=-date&_count=200",
    "results": f"Observation?{_OF}&category=laboratory&_sort=-date&_count=200",
    "conditions": f"Condition?{_OF}&clinical-status=active,recurrence,relapse&_count=100",
    "requests": f"MedicationRequest?{_OF}&status=active,completed,stopped&_sort=-authoredon&_count=100",
    "statements": f"MedicationStatement?{_OF}&_sort=-effective&_count=100",
}


class Service(BaseModel):
    hook: str
    title: str
    description: str
    id: str
    prefetch: dict[str, str]
    usageRequirements: str  # noqa: N815 - the name of the standard


class Discovery(BaseModel):
    """https://cds-hooks.hl7.org/2.0/#discovery"""

    services: Annotated[list[Service], Field(min_length=1)]


_SAID = {
    PATIENT_VIEW: (
        "patient-view",
        "Low white cells",
        "Whether the newest white cell counts are low for this person, how urgent that is, the likeliest causes with "
        "their evidence and the next tests. Silent when they are not low or nothing more is needed.",
    ),
    ORDER_SELECT: (
        "order-select",
        "Low white cells and the drug chosen",
        "Says when a drug that was just chosen lowers counts and the neutrophils are low, or a rule on it holds "
        "(clozapine, chemotherapy, methotrexate with trimethoprim and others). Otherwise silent.",
    ),
    ORDER_SIGN: (
        "order-sign",
        "Low white cells and the drugs to be signed",
        "Says when a drug about to be signed lowers counts and the neutrophils are low, or a rule on it holds "
        "(clozapine, chemotherapy, methotrexate with trimethoprim and others). Otherwise silent.",
    ),
}
_NEEDS = (
    "Patient and counts are needed, sent or open to be fetched; without them the answer is 412. The others sharpen the "
    "answer. leukon informs health professionals and orders nothing."
)


def list_services() -> Discovery:
    """What stands at `/cds-services`."""
    return Discovery(
        services=[
            Service(
                hook=hook, title=title, description=said, id=id_, prefetch=dict(TEMPLATES), usageRequirements=_NEEDS
            )
            for id_, (hook, title, said) in _SAID.items()
        ]
    )
