"""A record that signs its calls, for tests."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

ISSUER = "https://ehr.example.org/"
BASE = "https://cds.example.org"
VIEW = f"{BASE}/cds-services/leukon-patient-view"


@dataclass(frozen=True, slots=True)
class Signer:
    """The private keys of a registered client, and the file of its public ones."""

    issuer: str
    keys: dict[str, Any]
    jwks: Path

    @classmethod
    def make(cls, folder: Path) -> Signer:
        keys = {
            "ec": ECKey.generate_key("P-384", {"kid": "ec"}),
            "rsa": RSAKey.generate_key(2048, {"kid": "rsa"}),
        }
        path = folder / "jwks.json"
        path.write_text(json.dumps(KeySet(list(keys.values())).as_dict(private=False)))
        return cls(ISSUER, keys, path)

    def sign(self, audience: Any = VIEW, *, kid: str = "ec", alg: str = "ES384", key: Any = None, **claims: Any) -> str:
        """A good token; `claims` change it, None leaves a claim out."""
        now = time.time()
        held = {"iss": ISSUER, "aud": audience, "iat": now, "exp": now + 300, "jti": str(uuid.uuid4())} | claims
        kept = {name: value for name, value in held.items() if value is not None}
        return jwt.encode({"alg": alg, "kid": kid}, kept, key or self.keys[kid], algorithms=[alg])
