"""A posted form, read into memory: its fields and its one file. Nothing of it is written to a disk."""

from __future__ import annotations

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import Request

from leukon.service.web.moments import LineError

__all__ = ["read_posted"]

_MOST_FIELDS = 3000

Posted = tuple[dict[str, tuple[str, ...]], bytes | None]


async def read_posted(request: Request, most_bytes: int) -> Posted:
    """The fields, and the file where one was dropped; raises LineError where the form cannot be read."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        form = await _read_parts(request, most_bytes)
    elif kind == "application/x-www-form-urlencoded":
        form = await FormParser(request.headers, request.stream()).parse()
    else:
        raise LineError("a page sends its fields as a form")
    fields: dict[str, list[str]] = {}
    file: bytes | None = None
    try:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                data = await value.read()
                file = data if name == "file" and data else file
            else:
                fields.setdefault(name, []).append(value)
    finally:
        await form.close()
    return {name: tuple(values) for name, values in fields.items()}, file


async def _read_parts(request: Request, most_bytes: int) -> FormData:
    parser = MultiPartParser(
        request.headers, request.stream(), max_files=1, max_fields=_MOST_FIELDS, max_part_size=most_bytes
    )
    parser.spool_max_size = most_bytes + 1  # a file stays in memory, whatever its size
    try:
        return await parser.parse()
    except MultiPartException as error:
        raise LineError(f"the form cannot be read: {error.message.rstrip('.').lower()}") from None
