"""Reads the settings of a service from YAML; what is not understood is refused, in one line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import yaml

from leukon.io.policy import read_policy
from leukon.io.safe import RecordError, check_yaml, decode_text
from leukon.knowledge.read import read_yaml_text
from leukon.service.settings import Client, Settings

__all__ = ["read_settings"]


def read_settings(path: Path | None, said: Mapping[str, Any] | None = None) -> Settings:
    """The settings of a file, where there is one, and what was `said` beside it, which wins.

    Other files that it names are looked for beside it. Raises RecordError, in one line.
    """
    settings = replace(_read_file(path) if path else Settings(), **(said or {}))
    _check(settings, str(path) if path else "settings")
    return settings


def _read_file(path: Path) -> Settings:
    name = str(path)
    text = decode_text(_read(path), name)
    check_yaml(text, name)
    try:
        held, _ = read_yaml_text(text, name)
    except yaml.YAMLError as error:
        raise RecordError(f"{name}: not YAML: {' '.join(str(error).split())[:120]}") from None
    if held is None:
        return Settings()
    if not isinstance(held, dict):
        raise RecordError(f"{name}: settings are a mapping, such as port: 8000")
    _refuse_unknown(held, Settings, name)
    clients = held.get("clients")
    for number, client in enumerate(clients if isinstance(clients, list) else ()):
        _refuse_unknown(client, Client, f"{name}: clients[{number}]")
    policy = held.pop("policy", None)
    if policy is not None and not isinstance(policy, str):
        raise RecordError(f"{name}: policy is the name of a file")
    try:
        settings = msgspec.convert(held, Settings, dec_hook=lambda kind, value: _find(path.parent, kind, value))
    except msgspec.ValidationError as error:
        raise RecordError(f"{name}: {error}") from None
    if policy:
        place = path.parent / policy
        settings = replace(settings, policy=read_policy(_read(place), str(place)))
    return settings


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise RecordError(f"{path}: {(error.strerror or 'cannot be read').lower()}") from None


def _find(folder: Path, kind: type, value: Any) -> Any:
    if kind is Path and isinstance(value, str):
        return folder / value
    raise ValueError("the name of a file is text")


def _refuse_unknown(held: Any, kind: type, where: str) -> None:
    known = [f.name for f in fields(kind)]
    for key in held if isinstance(held, dict) else ():
        if key not in known:
            raise RecordError(f"{where}: unknown setting {str(key)!r}; there are {', '.join(known)}")


def _check(settings: Settings, name: str) -> None:
    """Raises RecordError for a value that cannot be meant."""
    wrong = {
        "port": None if 0 <= settings.port <= 65535 else "is from 0 (any that is free) to 65535",
        "workers": None if 1 <= settings.workers <= 256 else "is from 1 to 256",
        "time_limit_s": None if 0 < settings.time_limit_s <= 600 else "is above 0, at most 600",
        "forecast_limit_s": None if 0 < settings.forecast_limit_s <= 600 else "is above 0, at most 600",
        "most_bytes": None if 1000 <= settings.most_bytes <= 100_000_000 else "is from 1000 to 100000000",
        "requests_per_minute": None if settings.requests_per_minute >= 0 else "is 0 (no limit) or more",
        "base_url": None if not settings.base_url or _is_origin(settings.base_url) else
                    "is an address such as https://leukon.example.org",
        "hook_origins": None if all(map(_is_origin, settings.hook_origins)) else
                        "are addresses such as https://record.example.org",
    }  # fmt: skip
    for key, problem in wrong.items():
        if problem:
            raise RecordError(f"{name}: {key} {problem}")


def _is_origin(text: str) -> bool:
    """Scheme, host and perhaps a port, nothing after them."""
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and f"{parts.scheme}://{parts.netloc}" == text
    except ValueError:
        return False
