"""The guards, each around a small application: what they refuse, what they let pass, and what they say."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from leukon.service.guard.body import BodyLimits
from leukon.service.guard.cors import HookOrigins
from leukon.service.guard.defects import Defects
from leukon.service.guard.headers import SafeHeaders
from leukon.service.guard.host import KnownHost, list_hosts
from leukon.service.guard.rate import RateLimit
from leukon.service.guard.shape import find_excess, measure_depth
from leukon.service.guard.time import TimeLimit
from leukon.service.settings import Settings
from tests.service.client import ask

FHIR = "/fhir/$assess"


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the body that arrived."""
    answer = Response(await Request(scope, receive).body())
    await answer(scope, receive, send)


async def in_pieces(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


# the body


@pytest.mark.parametrize("content", [b"x" * 1001, in_pieces(b"x" * 600, b"x" * 401)], ids=["told", "in pieces"])
def test_a_request_that_is_too_large_is_refused_whether_or_not_it_tells_its_length(content: Any) -> None:
    answer = ask(BodyLimits(echo, 1000, 1.0), content=content)
    assert answer.status_code == 413
    assert answer.json() == {"error": "the request is larger than 0.001 MB"}
    assert answer.headers["connection"] == "close"


def test_a_request_as_large_as_allowed_arrives_whole() -> None:
    answer = ask(BodyLimits(echo, 1000, 1.0), content=in_pieces(b"x" * 600, b"y" * 400))
    assert answer.status_code == 200
    assert answer.content == b"x" * 600 + b"y" * 400


@pytest.mark.parametrize("packing", ["gzip", "deflate", "br", "zstd", "identity, gzip"])
def test_packed_bodies_are_refused_unread(packing: str) -> None:
    answer = ask(BodyLimits(echo, 1000, 1.0), content=b"x", headers={"Content-Encoding": packing})
    assert answer.status_code == 415


def test_identity_is_no_packing() -> None:
    assert ask(BodyLimits(echo, 1000, 1.0), content=b"x", headers={"Content-Encoding": "identity"}).content == b"x"


@pytest.mark.parametrize(("depth", "status"), [(100, 200), (101, 400)])
def test_nesting_has_a_limit(depth: int, status: int) -> None:
    assert ask(BodyLimits(echo, 1000, 1.0), content=b"[" * depth + b"]" * depth).status_code == status


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_nesting_is_seen_in_every_encoding_that_json_readers_take(encoding: str) -> None:
    assert find_excess(f" {'[' * 101}".encode(encoding)) == "nested deeper than 100 levels"
    assert find_excess(f" {'[' * 100}".encode(encoding)) is None


def test_so_does_the_number_of_values() -> None:
    assert find_excess(b"[" + b"1," * 300_001) == "more than 300,000 values"
    assert find_excess(b"[" + b"1," * 300_000) is None


def test_text_that_is_no_json_has_a_shape_of_its_own() -> None:
    assert find_excess(b"wbc,anc\n" + b"2,1\n" * 400_000 + b"[" * 200) is None


TREES = st.recursive(
    st.none() | st.booleans() | st.text('[]{}"\\a\u0100'),
    lambda inner: st.lists(inner) | st.dictionaries(st.text('"\\[{'), inner),
)


@given(TREES)
def test_depth_is_that_of_the_tree(tree: Any) -> None:
    def depth(part: Any) -> int:
        if isinstance(part, dict):
            part = list(part.values())
        return 1 + max(map(depth, part), default=0) if isinstance(part, list) else 0

    for ascii_only in (True, False):
        assert measure_depth(json.dumps(tree, ensure_ascii=ascii_only).encode()) == depth(tree)


def test_a_body_that_dribbles_in_is_given_up() -> None:
    async def dribble() -> Message:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"x", "more_body": True}

    assert run_raw(BodyLimits(echo, 1000, 0.1), dribble) == 408


def test_who_leaves_before_the_body_is_whole_gets_no_answer() -> None:
    async def leave() -> Message:
        return {"type": "http.disconnect"}

    assert run_raw(BodyLimits(echo, 1000, 0.1), leave) is None


def run_raw(app: ASGIApp, receive: Receive) -> int | None:
    """The status of the answer to a request that comes in the parts that `receive` gives."""
    sent: list[Message] = []

    async def keep(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
    asyncio.run(asyncio.wait_for(app(scope, receive, keep), 5))
    return sent[0]["status"] if sent else None


# time


async def sleep_long(scope: Scope, receive: Receive, send: Send) -> None:
    await asyncio.sleep(60)


def test_what_has_no_answer_in_time_is_given_up() -> None:
    answer = ask(TimeLimit(sleep_long, 0.05))
    assert (answer.status_code, answer.json()) == (504, {"error": "no answer within 0.05 s"})


def test_an_answer_that_has_begun_may_take_longer() -> None:
    async def trickle(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.sleep(0.15)
        await send({"type": "http.response.body", "body": b"late"})

    assert ask(TimeLimit(trickle, 0.05)).text == "late"


def test_a_timeout_of_the_work_itself_is_not_taken_for_the_limit() -> None:
    async def fail(scope: Scope, receive: Receive, send: Send) -> None:
        raise TimeoutError("the work's own")

    with pytest.raises(TimeoutError, match="the work's own"):
        ask(TimeLimit(fail, 5.0))


# rate


def make_limit(per_minute: int) -> tuple[RateLimit, Callable[[float], None]]:
    now = [0.0]

    def wait(seconds: float) -> None:
        now[0] += seconds

    return RateLimit(echo, per_minute, clock=lambda: now[0]), wait


def test_who_asks_too_often_waits_and_others_do_not() -> None:
    limit, wait = make_limit(60)  # one a second, ten at once
    assert [ask(limit).status_code for _ in range(11)] == [200] * 10 + [429]
    assert ask(limit, client="192.0.2.2").status_code == 200
    refused = ask(limit, path=FHIR)
    assert refused.json()["issue"][0]["code"] == "throttled"
    wait(float(refused.headers["retry-after"]))
    assert [ask(limit).status_code for _ in range(2)] == [200, 429]


def test_the_steady_rate_is_never_refused() -> None:
    limit, wait = make_limit(600)
    for _ in range(200):
        assert ask(limit).status_code == 200
        wait(0.1)


def test_a_rate_below_the_burst_still_lets_one_through() -> None:
    limit, wait = make_limit(2)
    assert [ask(limit).status_code for _ in range(2)] == [200, 429]
    wait(30)
    assert ask(limit).status_code == 200


def test_a_network_of_ipv6_is_one_client() -> None:
    limit, _ = make_limit(60)
    found = [ask(limit, client=f"2001:db8::{n:x}").status_code for n in range(11)]
    assert found[-1] == 429
    assert ask(limit, client="2001:db8:0:1::1").status_code == 200


def test_refused_requests_do_not_lengthen_the_wait() -> None:
    limit, wait = make_limit(60)
    for _ in range(100):
        ask(limit)
    wait(1)
    assert ask(limit).status_code == 200


def test_health_and_the_parts_of_pages_are_free_and_zero_is_no_limit() -> None:
    limit, _ = make_limit(1)
    for path in ("/healthz", "/readyz", "/metrics", "/static/page.css"):
        assert {ask(limit, "GET", path).status_code for _ in range(5)} == {200}
    unlimited, _ = make_limit(0)
    assert {ask(unlimited).status_code for _ in range(50)} == {200}


def test_what_is_remembered_of_addresses_is_bounded() -> None:
    limit, _ = make_limit(60)
    for n in range(12_000):
        limit._take(f"{n}")
    assert len(limit._due) == 10_000


# host


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "", "127.0.0.1.nip.io:8000", "[::1", "a b"])
def test_a_foreign_name_that_points_here_is_refused(host: str) -> None:
    answer = ask(KnownHost(echo, list_hosts(Settings())), headers={"Host": host})
    assert (answer.status_code, "base_url" in answer.text) == (400, True)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:8000", "[::1]:8000", "lab.example.org:443"])
def test_the_names_of_the_service_are_known(host: str) -> None:
    known = list_hosts(Settings(base_url="https://lab.example.org"))
    assert ask(KnownHost(echo, known), headers={"Host": host}).status_code == 200


def test_health_is_asked_by_address() -> None:
    assert (
        ask(KnownHost(echo, list_hosts(Settings())), path="/healthz", headers={"Host": "10.0.0.7"}).status_code == 200
    )


@pytest.mark.parametrize(
    ("settings", "known"),
    [
        (Settings(host="0.0.0.0"), False),  # noqa: S104 - bound nowhere
        (Settings(host="0.0.0.0", base_url="https://lab.example.org"), True),  # noqa: S104
        (Settings(host="10.0.0.7"), True),
    ],
)
def test_only_an_address_for_all_without_a_name_takes_every_name(settings: Settings, known: bool) -> None:
    assert bool(list_hosts(settings)) is known
    assert ask(KnownHost(echo, list_hosts(settings)), headers={"Host": "evil.example"}).status_code == (
        400 if known else 200
    )


# headers and origins


def test_every_answer_tells_the_browser_to_do_no_more_than_needed() -> None:
    headers = ask(SafeHeaders(echo)).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"


def test_what_may_be_kept_says_so_itself() -> None:
    assert (
        ask(SafeHeaders(PlainTextResponse("x", headers={"Cache-Control": "max-age=60"}))).headers["cache-control"]
        == "max-age=60"
    )


def preflight(app: ASGIApp, path: str, origin: str) -> Any:
    return ask(app, "OPTIONS", path, headers={"Origin": origin, "Access-Control-Request-Method": "POST"})


def test_only_named_pages_may_call_the_hooks_from_a_browser_and_none_the_rest() -> None:
    app = HookOrigins(echo, ("https://record.example.org",))
    for path, origin, allowed in (
        ("/cds-services/leukon-view", "https://record.example.org", "https://record.example.org"),
        ("/cds-services/leukon-view", "https://evil.example", None),
        (FHIR, "https://record.example.org", None),
        ("/", "https://record.example.org", None),
    ):
        assert preflight(app, path, origin).headers.get("access-control-allow-origin") == allowed


# defects


def test_a_defect_is_logged_by_kind_and_place_and_never_by_what_was_sent(caplog: pytest.LogCaptureFixture) -> None:
    async def fail(scope: Scope, receive: Receive, send: Send) -> None:
        raise ValueError("Jane Doe, MRN 4711")

    with caplog.at_level(logging.DEBUG):
        answer = ask(Defects(fail), path=FHIR)
    assert answer.status_code == 500
    assert answer.json()["issue"][0]["code"] == "exception"
    (record,) = [r for r in caplog.records if r.name.startswith("leukon")]
    assert "ValueError at " in record.getMessage() and "test_guard.py:" in record.getMessage()
    for text in (answer.text, *(f"{r.getMessage()} {r.exc_text}" for r in caplog.records)):
        assert "Jane" not in text and "4711" not in text
