"""What each process of the service has before its first question: loaded once, shared by all, never looked through."""

from __future__ import annotations

import gc

from leukon.service.hooks import work as _hooks  # noqa: F401 - loaded here, its functions are asked for later
from leukon.service.web.pages import warm_up
from leukon.service.work import make_ready

__all__ = ["prepare"]


def prepare() -> None:
    """Makes a first Bundle and a first page, so that no one waits for what is made once."""
    make_ready()
    warm_up()
    gc.collect()
    gc.freeze()
