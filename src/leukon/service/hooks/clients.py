"""The file that registers the records which may call: who each is, its public keys, the FHIR servers it may name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import yaml

from leukon.io.safe import RecordError, check_yaml, decode_text
from leukon.service.settings import Client

__all__ = ["read_clients_file"]


class _Entry(msgspec.Struct, forbid_unknown_fields=True):
    issuer: str
    jwks: str
    fhir_servers: list[str] = []


class _File(msgspec.Struct, forbid_unknown_fields=True):
    clients: list[_Entry]


def read_clients_file(path: Path) -> tuple[Client, ...]:
    """The clients of a YAML or JSON file; a JWK set is looked for beside it. Raises ValueError in one line."""
    try:
        text = decode_text(path.read_bytes(), str(path))
        check_yaml(text, str(path))
        held: Any = yaml.safe_load(text)
        found = msgspec.convert(held, _File)
    except OSError as error:
        raise ValueError(f"{path}: {(error.strerror or 'cannot be read').lower()}") from None
    except RecordError as error:
        raise ValueError(str(error)) from None
    except msgspec.ValidationError as error:
        raise ValueError(f"{path}: {error}") from None
    return tuple(
        Client(issuer=e.issuer, jwks=path.parent / e.jwks, fhir_servers=tuple(e.fhir_servers)) for e in found.clients
    )
