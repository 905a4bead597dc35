"""Which addresses may be asked: only those under a FHIR server that was registered for the client.

An address is taken apart once, by strict rules, and put together again from its parts, so that no two readers of it
can differ: no user, no backslash, no percent sign or dots in the path, no other port. Names are compared, not what they
resolve to: the certificate is checked, so a name that is made to point elsewhere does not answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

__all__ = ["Address", "check_server", "find_allowed", "read_address"]

_PRINTABLE = re.compile(r"[\x21-\x5b\x5d-\x7e]{1,4096}")  # ASCII without blanks and backslash
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]")
_PATH = re.compile(r"(/[A-Za-z0-9$_~!'()*+,;=@:.-]+)*")
_PORTS = {"https": 443, "http": 80}
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True, slots=True)
class Address:
    """An address in its one form: host in small letters, path without a slash at its end."""

    scheme: str
    host: str
    port: int
    path: str
    query: str = ""

    def is_under(self, base: Address) -> bool:
        """The same server, and the base's path or one below it."""
        same = (self.scheme, self.host, self.port) == (base.scheme, base.host, base.port)
        return same and (self.path == base.path or self.path.startswith(f"{base.path}/"))

    def __str__(self) -> str:
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}{self.path}{f'?{self.query}' if self.query else ''}"


def read_address(text: str) -> Address | None:
    """The parts of an http(s) address, or None where it holds anything that two readers may read differently.

    >>> str(read_address("https://EHR.example.org:443/fhir/"))
    'https://ehr.example.org/fhir'
    >>> read_address("https://ehr.example.org@evil.test/fhir") is None, read_address("https://a/fhir/../x") is None
    (True, True)
    """
    if not _PRINTABLE.fullmatch(text):
        return None
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    path = parts.path.removesuffix("/")
    if parts.scheme not in _PORTS or "@" in parts.netloc or parts.fragment or port == 0:
        return None
    if not _HOST.fullmatch(host) or not _PATH.fullmatch(path) or {".", ".."} & set(path.split("/")):
        return None
    return Address(parts.scheme, host, port or _PORTS[parts.scheme], path, parts.query)


def check_server(text: str) -> Address:
    """The base of a registered FHIR server: https, or http on this machine itself. Raises ValueError in one line."""
    address = read_address(text)
    if address is None or address.query:
        raise ValueError(f"FHIR server {text!r}: not a plain address such as https://ehr.example.org/fhir")
    if address.scheme != "https" and address.host not in _LOOPBACK:
        raise ValueError(f"FHIR server {text!r}: it must be https (http only on this machine itself)")
    return address


def find_allowed(text: str, servers: Iterable[Address]) -> Address | None:
    """The address of a `fhirServer`, where it lies under one that is registered; else None."""
    address = read_address(text)
    if address is None or address.query:
        return None
    return address if any(address.is_under(server) for server in servers) else None
