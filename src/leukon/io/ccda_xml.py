# pyright: strict
"""XML as a tree of elements, each with its address; document types and entities are refused before they can grow."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.parsers import expat

from leukon.io.safe import MOST_BYTES, RecordError

__all__ = ["Element", "looks_like_xml", "read_xml"]

_MOST_DEPTH = 100
_MOST_ELEMENTS = 100_000
_HL7 = "urn:hl7-org:v3"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_MANY = ("component", "entry", "entryRelationship", "referenceRange", "translation")


@dataclass(slots=True)
class Element:
    """An element without its namespace (one of another than HL7 v3 keeps its prefix). What is absent is one without
    attributes, so that reading never fails.
    """

    name: str = ""
    path: str = ""
    attributes: dict[str, str] = field(default_factory=dict[str, str])
    children: list[Element] = field(default_factory=list["Element"])
    words: list[str] = field(default_factory=list[str])

    def __bool__(self) -> bool:
        return bool(self.name)

    def get(self, *names: str) -> Element:
        """The first child of that name, then its first child of the next."""
        found = self
        for name in names:
            found = next((c for c in found.children if c.name == name), None) or Element()
        return found

    def each(self, name: str) -> list[Element]:
        return [c for c in self.children if c.name == name]

    def attribute(self, name: str) -> str:
        return self.attributes.get(name, "").strip()

    def all_text(self) -> str:
        """Every word in it, in order of the elements."""
        found: list[str] = []
        todo = [self]
        while todo:
            element = todo.pop()
            found += element.words
            todo += element.children[::-1]
        return " ".join(" ".join(found).split())


def looks_like_xml(data: bytes) -> bool:
    """
    >>> looks_like_xml(b"\\xef\\xbb\\xbf <?xml"), looks_like_xml("<a/>".encode("utf-16")), looks_like_xml(b"wbc: <2")
    (True, True, False)
    """
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    return data[:64].removeprefix(b"\xef\xbb\xbf").lstrip(b"\xff\xfe\0 \t\r\n" if wide else b" \t\r\n")[:1] == b"<"


def read_xml(data: bytes, name: str) -> Element:
    """The root of a document of at most 5 MB; raises RecordError, in one line."""
    if len(data) > MOST_BYTES:
        raise RecordError(f"{name}: {len(data) / 1e6:.1f} MB is too large for one document (at most 5 MB)")
    builder = _Builder(name)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = builder.refuse_document_type
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.add_words
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        problem = expat.ErrorString(error.code)
        raise RecordError(f"{name}: line {error.lineno}: not readable as XML ({problem})") from None
    except (LookupError, UnicodeError) as error:
        raise RecordError(f"{name}: not readable as XML ({error})") from None
    return builder.root


class _Builder:
    def __init__(self, name: str) -> None:
        self._name = name
        self._open: list[Element] = []
        self._held: list[dict[str, int]] = []  # how many children of each name an open element has
        self._count = self._sections = 0
        self.root = Element()

    def refuse_document_type(self, *_: object) -> None:
        raise RecordError(f"{self._name}: an XML document type (DOCTYPE) is not accepted: it can hold entities")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > _MOST_ELEMENTS:
            raise RecordError(f"{self._name}: more than {_MOST_ELEMENTS:,} elements: not a document about one person")
        if len(self._open) >= _MOST_DEPTH:
            raise RecordError(f"{self._name}: nested deeper than {_MOST_DEPTH} levels: not a document")
        name = _shorten(tag)
        element = Element(name, self._address(name), {_shorten(key): value for key, value in attributes.items()})
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)
        self._held.append({})

    def end(self, _: str) -> None:
        self._open.pop()
        self._held.pop()

    def add_words(self, words: str) -> None:
        if not words.isspace():
            self._open[-1].words.append(words)

    def _address(self, name: str) -> str:
        """ "section[2].entry[0].observation.value": sections are counted through the document, from 0."""
        if not self._open:
            return ""
        if name == "section":
            self._sections += 1
            return f"section[{self._sections - 1}]"
        parent, held = self._open[-1], self._held[-1]
        place = held[name] = held.get(name, -1) + 1
        step = f"{name}[{place}]" if name in _MANY or place else name
        return f"{parent.path}.{step}" if parent.path else step


def _shorten(name: str) -> str:
    space, _, local = name.rpartition(" ")
    if space in ("", _HL7):
        return local
    return f"xsi:{local}" if space == _XSI else f"{space.rpartition(':')[2]}:{local}"
