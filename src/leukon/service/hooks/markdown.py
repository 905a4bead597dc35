"""Words of a record in Markdown: shown as they are, never as markup, a link or HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable

from leukon.report.words import clean

__all__ = ["cut", "list_items", "plain"]

_MARKS = re.compile(r"([\\`*_\[\]|~])")
_TAGS = re.compile(r"<(?=[A-Za-z/!?])")
_ENTITIES = re.compile(r"&(?=[A-Za-z#])")
_WWW = re.compile(r"\b(www)\.", re.IGNORECASE)
_STARTS = re.compile(r"^(?:([-+=#>])|(\d+)([.)]))")


def plain(text: str) -> str:
    r"""Text as GitHub-flavoured Markdown that shows just this text, inside a line.

    >>> plain("<b>*fever*</b> of 39, ANC <0.5 &amp; more"), plain("https://evil.test or www.evil.test")
    ('&lt;b>\\*fever\\*&lt;/b> of 39, ANC <0.5 &amp;amp; more', 'https&#58;//evil.test or www&#46;evil.test')
    """
    said = _TAGS.sub("&lt;", _ENTITIES.sub("&amp;", clean(text)))
    said = _MARKS.sub(r"\\\1", said).replace("://", "&#58;//")
    return _WWW.sub(r"\1&#46;", said)


def list_items(texts: Iterable[str]) -> str:
    r"""A bulleted list; the texts are Markdown already, and none begins a list or heading of its own.

    >>> list_items(["fever", "1. ANA", "- none"])
    '- fever\n- 1\\. ANA\n- \\- none'
    """
    return "\n".join(f"- {_STARTS.sub(_escape_start, text)}" for text in texts)


def _escape_start(match: re.Match[str]) -> str:
    return f"\\{match[1]}" if match[1] else f"{match[2]}\\{match[3]}"


def cut(text: str, most: int) -> str:
    """One line of at most so many characters, cut at a word.

    >>> cut("Neutropenia, severe: to be seen the same day.", 30)
    'Neutropenia, severe: to be…'
    """
    said = clean(text)
    if len(said) <= most:
        return said
    head = said[: most - 1]
    return f"{head[: head.rfind(' ')].rstrip(' ,;:(') if ' ' in head else head}…"
