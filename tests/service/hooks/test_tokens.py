"""Who may call: a signed token of a registered client, made for this address, still valid, used once."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from leukon.service.hooks import tokens as module
from leukon.service.hooks.tokens import TokenError, Tokens, read_clients
from leukon.service.settings import Client

from .conftest import Asker
from .people import call, record
from .tokens import BASE, ISSUER, VIEW, Signer

LOW = call("patient-view", record(1.9, 0.3))


def view(registered: Asker, token: str | None) -> Any:
    return registered.post("leukon-patient-view", LOW, token)


def test_a_good_token_opens_the_service(registered: Asker, signer: Signer) -> None:
    assert view(registered, signer.sign()).status_code == 200
    assert view(registered, signer.sign([VIEW])).status_code == 200
    assert view(registered, signer.sign(kid="rsa", alg="RS384")).status_code == 200
    assert view(registered, signer.sign(tenant="north", nbf=time.time() - 5)).status_code == 200


def _hand_made(head: dict[str, Any], claims: dict[str, Any], signature: str = "") -> str:
    parts = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (head, claims))
    return ".".join((*parts, signature))


def _encode(key: Any, **head: Any) -> str:
    held = {"alg": "ES384", "kid": "ec"} | head
    kept = {name: value for name, value in held.items() if value is not None}
    return jwt.encode(kept, _claims(), key, algorithms=[kept["alg"]])


def _claims(**more: Any) -> dict[str, Any]:
    now = time.time()
    return {"iss": ISSUER, "aud": VIEW, "iat": now, "exp": now + 300, "jti": f"{now}"} | more


def _forge(signer: Signer, how: str) -> str | None:
    """Every token that must not open the service."""
    now = time.time()
    other = ECKey.generate_key("P-384", {"kid": "ec"})
    public = json.loads(signer.jwks.read_text())["keys"][1]
    good = signer.sign()
    head, body, signature = good.split(".")
    made: dict[str, Any] = {
        "none at all": lambda: None,
        "no bearer": lambda: "",
        "not a token": lambda: "abc",
        "three empty parts": lambda: "..",
        "letters beyond ASCII": lambda: "é.é.é",
        "too long": lambda: "a" * 9000,
        "forged with another key": lambda: signer.sign(key=other),
        "changed claims": lambda: (
            f"{head}.{base64.urlsafe_b64encode(json.dumps(_claims()).encode()).decode()}.{signature}"
        ),
        "without a signature": lambda: f"{head}.{body}.",
        "alg none": lambda: _hand_made({"alg": "none", "typ": "JWT", "kid": "ec"}, _claims()),
        "alg None in letters": lambda: _hand_made({"alg": "nOnE", "kid": "ec"}, _claims()),
        "HS256 with the public key as secret": lambda: jwt.encode(
            {"alg": "HS256", "kid": "rsa"}, _claims(), OctKey.import_key(json.dumps(public)), algorithms=["HS256"]
        ),
        "a key of its own in the header": lambda: _encode(other, jwk=other.as_dict(private=False)),
        "a key set of its own by address": lambda: _encode(other, jku="https://evil.test/jwks.json"),
        "another curve's algorithm": lambda: _hand_made({"alg": "ES256", "kid": "ec"}, _claims(), signature),
        "RSA named by the curve's key": lambda: _encode(signer.keys["rsa"], alg="RS384"),
        "unknown kid": lambda: _encode(signer.keys["ec"], kid="new"),
        "no kid": lambda: _encode(signer.keys["ec"], kid=None),
        "another type of token": lambda: _encode(signer.keys["ec"], typ="at+jwt"),
        "unknown issuer": lambda: signer.sign(iss="https://evil.test/"),
        "no issuer": lambda: signer.sign(iss=None),
        "an issuer that is no text": lambda: signer.sign(iss=["https://ehr.example.org/"]),
        "expired": lambda: signer.sign(iat=now - 600, exp=now - 1),
        "never expires": lambda: signer.sign(exp=None),
        "expires in a year": lambda: signer.sign(exp=now + 365 * 86400),
        "expires at infinity": lambda: signer.sign(exp=float("inf")),
        "expires at a word": lambda: signer.sign(exp="tomorrow"),
        "issued in the future": lambda: signer.sign(iat=now + 600, exp=now + 900),
        "no time of issue": lambda: signer.sign(iat=None),
        "not valid yet": lambda: signer.sign(nbf=now + 600),
        "valid from a word": lambda: signer.sign(nbf="now"),
        "another service": lambda: signer.sign(f"{BASE}/cds-services/leukon-order-sign"),
        "another host": lambda: signer.sign("https://evil.test/cds-services/leukon-patient-view"),
        "the base alone": lambda: signer.sign(BASE),
        "no audience": lambda: signer.sign(None),
        "an audience that is no address": lambda: signer.sign([{"aud": VIEW}, 7]),
        "no jti": lambda: signer.sign(jti=None),
        "an endless jti": lambda: signer.sign(jti="x" * 300),
    }
    return made[how]()


_BAD = (
    "none at all, no bearer, not a token, three empty parts, letters beyond ASCII, too long, forged with another key, "
    "changed claims, without a signature, alg none, alg None in letters, HS256 with the public key as secret, "
    "a key of its own in the header, a key set of its own by address, another curve's algorithm, "
    "RSA named by the curve's key, unknown kid, no kid, another type of token, unknown issuer, no issuer, "
    "an issuer that is no text, expired, never expires, expires in a year, expires at infinity, expires at a word, "
    "issued in the future, no time of issue, not valid yet, valid from a word, another service, another host, "
    "the base alone, no audience, an audience that is no address, no jti, an endless jti"
).split(", ")


@pytest.mark.parametrize("how", _BAD)
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_no_other_token_does(registered: Asker, signer: Signer, how: str) -> None:
    token = _forge(signer, how)
    if token is not None and not token.isascii():
        with pytest.raises(TokenError):
            Tokens(read_clients([])).check(f"Bearer {token}", {VIEW})
        return
    answer = view(registered, token)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json() == {"error": "the client's token is not accepted (docs/cds-hooks.md says what one needs)"}


def test_a_token_works_once(registered: Asker, signer: Signer) -> None:
    token = signer.sign()
    assert [view(registered, token).status_code for _ in range(3)] == [200, 401, 401]
    again = signer.sign(jti="the same name")
    assert view(registered, again).status_code == 200
    assert view(registered, signer.sign(jti="the same name")).status_code == 401


def test_the_token_is_looked_at_before_the_body(registered: Asker, signer: Signer) -> None:
    assert registered.post("leukon-patient-view", {"no": "request"}, None).status_code == 401
    assert registered.post("leukon-patient-view", {"no": "request"}, signer.sign()).status_code == 400
    assert registered.post("leukon-patient-view/feedback", {"feedback": []}, None).status_code == 401


def test_feedback_takes_a_token_for_its_own_address_or_its_service(registered: Asker, signer: Signer) -> None:
    for audience in (f"{VIEW}/feedback", VIEW):
        assert registered.post("leukon-patient-view/feedback", {"feedback": []}, signer.sign(audience)).is_success


def test_discovery_is_open(registered: Asker) -> None:
    assert registered.ask("GET", "/cds-services").status_code == 200


def test_the_reason_is_in_the_log_and_nothing_of_the_token(
    registered: Asker, signer: Signer, caplog: pytest.LogCaptureFixture
) -> None:
    token = signer.sign(exp=time.time() - 1)
    view(registered, token)
    assert "expired" in caplog.text
    assert token not in caplog.text and ISSUER not in caplog.text


def test_tokens_are_forgotten_when_they_expire_and_never_before(
    signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST_HELD", 3)
    clients = read_clients([Client(signer.issuer, signer.jwks)])
    now = time.time()
    clock = [now]
    tokens = Tokens(clients, clock=lambda: clock[0])
    used = [signer.sign(exp=now + lives) for lives in (100, 300, 200)]
    for token in used:
        tokens.check(f"Bearer {token}", {VIEW})
    fourth = signer.sign(exp=now + 400)
    with pytest.raises(TokenError, match="too many"):
        tokens.check(f"Bearer {fourth}", {VIEW})
    with pytest.raises(TokenError, match="used before"):
        tokens.check(f"Bearer {used[0]}", {VIEW})
    clock[0] = now + 101
    tokens.check(f"Bearer {fourth}", {VIEW})
    with pytest.raises(TokenError, match="expired"):
        tokens.check(f"Bearer {used[0]}", {VIEW})
    for token in used[1:]:
        with pytest.raises(TokenError, match="used before"):
            tokens.check(f"Bearer {token}", {VIEW})


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "no such file"),
        ("not json", "not a JWK set"),
        ('{"keys": {}}', "no key|a key cannot be read"),
        ('{"keys": [7]}', "not a JWK set"),
        ('{"keys": [{"kty": "EC", "crv": "P-384", "kid": "a", "x": "AA", "y": "AA"}]}', "cannot be read"),
        ('{"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "a"}]}', "private or shared"),
        ("private", "private or shared"),
        ("two of one name", "kid of its own"),
        ("no name", "kid of its own"),
        ("small", "2048 bits"),
    ],
)
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_key_sets_that_cannot_be_used_stop_the_start(tmp_path: Path, text: str | None, why: str) -> None:
    key = ECKey.generate_key("P-256", {"kid": "a"})
    public = key.as_dict(private=False)
    held = {
        "private": lambda: KeySet([key]).as_dict(private=True),
        "two of one name": lambda: {"keys": [public, public]},
        "no name": lambda: {"keys": [{k: v for k, v in public.items() if k != "kid"}]},
        "small": lambda: KeySet([RSAKey.generate_key(1024, {"kid": "a"})]).as_dict(private=False),
    }
    path = tmp_path / "jwks.json"
    if text is not None:
        path.write_text(json.dumps(held[text]()) if text in held else text)
    with pytest.raises(ValueError, match=why) as caught:
        read_clients([Client(ISSUER, path)])
    assert "\n" not in str(caught.value)


def test_a_client_is_registered_once_and_with_servers_that_can_be_asked(signer: Signer) -> None:
    with pytest.raises(ValueError, match="twice"):
        read_clients([Client(ISSUER, signer.jwks), Client(ISSUER, signer.jwks)])
    with pytest.raises(ValueError, match="must be https"):
        read_clients([Client(ISSUER, signer.jwks, ("http://ehr.example.org/fhir",))])
