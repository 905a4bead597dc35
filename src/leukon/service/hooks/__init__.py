"""CDS Hooks 2.0: the electronic record asks leukon when a chart is opened and when a drug is ordered.

The standard: https://cds-hooks.hl7.org/2.0/ ; its rules in one line each are the invariants of
https://build.fhir.org/ig/HL7/cds-hooks/. How to register, and what each service says: `docs/cds-hooks.md`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import APIRouter

    from leukon.service.desk import Desk
    from leukon.service.settings import Settings

__all__ = ["make_router"]


def make_router(desk: Desk, settings: Settings) -> APIRouter:
    """The routes under `/cds-services`. Raises ValueError, in one line, for a client that cannot be set up."""
    # imported here: the processes of the desk import this package too, and need no FastAPI
    from leukon.service.hooks.router import make_router as make

    return make(desk, settings)
