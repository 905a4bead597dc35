"""The web page of `leukon serve`: type, paste or drop a count, read the answer, try a result on, explain it.

Pages are made on the server and work without scripts; htmx and Vega make them quicker to use. The record travels with
the page: nothing of it is kept.
"""

from __future__ import annotations

from leukon.service.web.routes import make_router

__all__ = ["make_router"]
