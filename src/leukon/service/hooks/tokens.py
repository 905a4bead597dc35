"""Is the caller a registered record? Each call brings a signed token, which is checked and works once.

Keys come from the client's JWK set on this disk only: what a token says of where its key is (`jku`, `jwk`, `x5u`) is
never followed. https://cds-hooks.hl7.org/2.0/#trusting-cds-clients
"""

from __future__ import annotations

import heapq
import json
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from leukon.service.hooks.allowed import Address, check_server
from leukon.service.settings import Client

__all__ = ["Caller", "TokenError", "Tokens", "read_clients"]

_ALGORITHMS = ("ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512")  # signatures only
_LONGEST_S = 3600.0  # a token that lives longer is refused: each must be remembered until it expires
_SKEW_S = 60.0  # the client's clock may be ahead by so much
_MOST_HELD = 100_000  # tokens remembered at once; beyond that none is accepted
_MOST_LETTERS = 8192
_LEAST_RSA_BITS = 2048


class TokenError(Exception):
    """The token is not accepted. The reason is for the log of the service; the caller learns only that it is so."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A registered client: its keys and the FHIR servers it may name."""

    issuer: str
    keys: KeySet
    servers: tuple[Address, ...]


def read_clients(clients: Iterable[Client]) -> dict[str, Caller]:
    """The clients by issuer. Raises ValueError, in one line, for a key set or server that cannot be used."""
    found: dict[str, Caller] = {}
    for client in clients:
        if client.issuer in found:
            raise ValueError(f"client {client.issuer}: registered twice")
        try:
            servers = tuple(check_server(text) for text in client.fhir_servers)
        except ValueError as error:
            raise ValueError(f"client {client.issuer}: {error}") from None
        found[client.issuer] = Caller(client.issuer, _read_keys(client.jwks), servers)
    return found


def _read_keys(path: Path) -> KeySet:
    """The public keys of a JWK set, each with an id of its own."""
    try:
        held = json.loads(path.read_text("utf-8"))["keys"]
        kinds = [(key["kty"], key.get("kid"), "d" in key or "k" in key) for key in held]
    except OSError as error:
        raise ValueError(f"{path}: {(error.strerror or 'cannot be read').lower()}") from None
    except (ValueError, TypeError, KeyError, AttributeError):
        raise ValueError(f'{path}: not a JWK set ({{"keys": [...]}})') from None
    names = [name for _, name, _ in kinds]
    if any(secret for _, _, secret in kinds):
        raise ValueError(f"{path}: holds a private or shared key; give the client's public keys only")
    if not all(isinstance(name, str) and name for name in names) or len(set(names)) < len(names):
        raise ValueError(f"{path}: each key needs a kid of its own")
    try:
        keys = KeySet.import_key_set({"keys": held})
        small = [k for k in keys.keys if isinstance(k, RSAKey) and k.raw_value.key_size < _LEAST_RSA_BITS]
    except (JoseError, ValueError, TypeError) as error:
        raise ValueError(f"{path}: a key cannot be read ({type(error).__name__})") from None
    if small:
        raise ValueError(f"{path}: an RSA key is under {_LEAST_RSA_BITS} bits")
    return keys


class Tokens:
    """Checks the tokens of these clients, and remembers each until it expires."""

    def __init__(self, clients: dict[str, Caller], clock: Callable[[], float] = time.time) -> None:
        self._clients, self._clock = clients, clock
        self._seen: set[tuple[str, str]] = set()
        self._ends: list[tuple[float, tuple[str, str]]] = []

    def check(self, header: str | None, audiences: Collection[str]) -> Caller:
        """The client whose token stands in the Authorization header; raises TokenError.

        `audiences` are the addresses for one of which the token must be made.
        """
        token = _take_token(header)
        caller = self._clients.get(_read_issuer(token))
        if caller is None:
            raise TokenError("unknown issuer")
        claims = _read_claims(token, caller)
        self._check_claims(claims, audiences)
        self._use_once(caller.issuer, claims)
        return caller

    def _check_claims(self, claims: dict[str, Any], audiences: Collection[str]) -> None:
        now = self._clock()
        aud = claims.get("aud")
        if not set(audiences) & {a for a in (aud if isinstance(aud, list) else [aud]) if isinstance(a, str)}:
            raise TokenError("made for another address")
        exp, iat, nbf = (_number(claims.get(name)) for name in ("exp", "iat", "nbf"))
        if exp is None or iat is None or (nbf is None and "nbf" in claims):
            raise TokenError("without exp or iat")
        if exp <= now:
            raise TokenError("expired")
        if exp > now + _LONGEST_S + _SKEW_S:
            raise TokenError("lives too long")
        if max(iat, nbf or iat) > now + _SKEW_S:
            raise TokenError("not valid yet")

    def _use_once(self, issuer: str, claims: dict[str, Any]) -> None:
        name = claims.get("jti")
        if not isinstance(name, str) or not 0 < len(name) <= 256:
            raise TokenError("without jti")
        while self._ends and self._ends[0][0] <= self._clock():
            self._seen.discard(heapq.heappop(self._ends)[1])
        key = (issuer, name)
        if key in self._seen:
            raise TokenError("used before")
        if len(self._seen) >= _MOST_HELD:
            raise TokenError("too many tokens at once")
        self._seen.add(key)
        heapq.heappush(self._ends, (float(claims["exp"]), key))


def _take_token(header: str | None) -> str:
    scheme, _, token = (header or "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or len(token) > _MOST_LETTERS or not token.isascii():
        raise TokenError("no bearer token")
    return token


def _read_issuer(token: str) -> str:
    """Who the token says it is from, before anything is checked: only to find the keys."""
    try:
        claims = json.loads(jws.extract_compact(token.encode("ascii")).payload or b"")
    except (JoseError, ValueError, RecursionError):
        raise TokenError("not a signed token") from None
    issuer = claims.get("iss") if isinstance(claims, dict) else None
    return issuer if isinstance(issuer, str) else ""


def _read_claims(token: str, caller: Caller) -> dict[str, Any]:
    """The claims, once the signature is found good by the key that the token names."""
    try:
        read = jwt.decode(token, caller.keys, algorithms=_ALGORITHMS)
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise TokenError(f"bad signature ({type(error).__name__})") from None
    head = read.header
    if not isinstance(head.get("kid"), str) or str(head.get("typ", "JWT")).upper() != "JWT" or "b64" in head:
        raise TokenError("without kid, or not a JWT")
    return read.claims


def _number(value: Any) -> float | None:
    """A NumericDate; infinity and not-a-number are none."""
    plain = isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e12
    return float(value) if plain else None
