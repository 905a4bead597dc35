"""`leukon listen`: opens spool, output and desk, listens until it is told to stop."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

from leukon.policy import Policy
from leukon.service.mllp.publish import choose_output
from leukon.service.mllp.spool import Spool, SpoolError

__all__ = ["ListenError", "listen"]

_TIME_LIMIT_S = 10.0  # of one message's assessment
_DAY_S = 86400.0
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class ListenError(Exception):
    """It cannot listen; one line for a person."""


def listen(
    host: str, port: int, spool: Path, output: Path | None, setting: str, policy: Policy | None, keep_days: float
) -> None:
    """Listens until SIGINT or SIGTERM; raises ListenError where it cannot begin."""
    try:
        from leukon.service.desk import Desk, NotReadyError
        from leukon.service.mllp.listener import Listener, Setup
    except ImportError as error:
        raise ListenError(f"to listen needs {error.name}: pip install 'leukon[service]'") from None
    if not 0 <= port < 1 << 16:
        raise ListenError(f"a port is a number from 0 to 65535, not {port}")
    if not keep_days >= 0:
        raise ListenError("--keep-days is a number of days, 0 or more")
    workers = os.cpu_count() or 1
    setup = Setup(setting, policy, keep_days * _DAY_S, workers)
    desk = Desk(workers, _TIME_LIMIT_S)
    try:
        store = Spool(spool)
        place = choose_output(output or spool / "answers")
        place.open()
    except SpoolError as error:
        raise ListenError(str(error)) from None
    except OSError as error:
        raise ListenError(f"{error.filename}: {(error.strerror or 'cannot be written').lower()}") from None
    try:
        door = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        store.close()
        raise ListenError(f"{host} port {port}: {(error.strerror or str(error)).lower()}") from None

    async def run() -> Listener:
        stop = asyncio.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
        listener = Listener(setup, store, desk, place, _say)
        _say(f"listening on {host} port {door.getsockname()[1]}; spool {spool}, answers to {place.path}")
        if host not in _LOOPBACK:
            _say("MLLP is neither encrypted nor authenticated: let only a tunnel or a closed network reach this port")
        await listener.run(door, stop)
        return listener

    try:
        desk.open()
        done = asyncio.run(run())
    except NotReadyError as error:
        store.close()
        raise ListenError(str(error)) from None
    finally:
        desk.close()
        door.close()
    _say(
        f"stopped: {done.taken} messages taken, {done.again} sent again, {done.refused} rejected, "
        f"{done.answers} answers out"
    )


def _say(line: str) -> None:
    print(f"leukon: {line}", file=sys.stderr, flush=True)
