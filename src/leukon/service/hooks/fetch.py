"""Fetches what the record did not send, from its FHIR server, with the token of the request.

No redirect is followed, no page outside the server; pages, bytes and time are bounded. The token is used for these
queries and forgotten. https://cds-hooks.hl7.org/2.0/#fhir-resource-access
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec

from leukon.service.hooks.allowed import Address, read_address

__all__ = ["FetchError", "Fetched", "Fetcher"]

_SECONDS = 5.0  # for everything that one call fetches, at once
_MOST_PAGES = 3  # of one query

# httpx writes each address it asks into the log, and an address names the patient
logging.getLogger("httpx").setLevel(logging.WARNING)
logging.getLogger("httpcore").setLevel(logging.WARNING)


class FetchError(Exception):
    """What was asked for could not be had; the message says why, without the address."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """The pages of one query; `whole` is false where the server has more of them."""

    pages: tuple[dict[str, Any], ...]
    whole: bool


@dataclass(slots=True)
class Fetcher:
    """Asks one FHIR server on behalf of one call."""

    server: Address
    token: str = field(repr=False)
    tls: ssl.SSLContext
    most_bytes: int  # of all answers together

    async def fetch_all(self, queries: Mapping[str, str]) -> dict[str, Fetched | FetchError]:
        """The answer to each query (relative to the server), all asked at once, or why there is none."""
        headers = {
            "Accept": "application/fhir+json",
            "Accept-Encoding": "identity",  # a packed answer could grow without bound
            "Authorization": f"Bearer {self.token}",
        }
        async with httpx.AsyncClient(
            headers=headers, follow_redirects=False, verify=self.tls, timeout=_SECONDS
        ) as client:
            tasks = (self._fetch(client, query) for query in queries.values())
            return dict(zip(queries, await asyncio.gather(*tasks), strict=True))

    async def _fetch(self, client: httpx.AsyncClient, query: str) -> Fetched | FetchError:
        pages: list[dict[str, Any]] = []
        try:
            async with asyncio.timeout(_SECONDS):
                address: Address | None = read_address(f"{self.server}/{query}")
                while address is not None and len(pages) < _MOST_PAGES:
                    pages.append(await self._get(client, address))
                    address = self._find_next(pages[-1])
        except TimeoutError:
            return FetchError(f"the FHIR server did not answer within {_SECONDS:g} seconds")
        except FetchError as error:
            return error
        return Fetched(tuple(pages), whole=not _links_on(pages[-1]) if pages else False)

    async def _get(self, client: httpx.AsyncClient, address: Address) -> dict[str, Any]:
        body = bytearray()
        try:
            async with client.stream("GET", str(address)) as response:
                if response.status_code != httpx.codes.OK:
                    raise FetchError(f"the FHIR server answered {response.status_code}")
                if response.headers.get("content-encoding", "identity") != "identity":
                    raise FetchError("the FHIR server sent a packed answer")
                async for chunk in response.aiter_raw():
                    body += chunk
                    self.most_bytes -= len(chunk)
                    if self.most_bytes < 0:
                        raise FetchError("the FHIR server sent more than is read")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise FetchError(f"the FHIR server could not be asked ({type(error).__name__})") from None
        try:
            held = msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise FetchError("the FHIR server did not send JSON") from None
        if not isinstance(held, dict) or not isinstance(held.get("resourceType"), str):
            raise FetchError("the FHIR server did not send a FHIR resource")
        return held

    def _find_next(self, page: dict[str, Any]) -> Address | None:
        """The next page, where it lies under the same server."""
        link = _links_on(page)
        address = read_address(link) if link else None
        return address if address is not None and address.is_under(self.server) else None


def _links_on(page: dict[str, Any]) -> str | None:
    links = page.get("link")
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and link.get("relation") == "next" and isinstance(link.get("url"), str):
            return link["url"]
    return None
