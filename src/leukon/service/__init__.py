"""leukon where people meet it: the web page, CDS Hooks, the FHIR operation (`leukon serve`).

Nothing about people is stored or logged. What needs FastAPI (`pip install 'leukon[service]'`) is imported when the
service starts, never with leukon.
"""

from __future__ import annotations

__all__: list[str] = []
