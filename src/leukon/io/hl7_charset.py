# pyright: strict
"""The letters of an HL7 v2 message: UTF-8 where they are, else what MSH-18 names, else Windows-1252.

The charset matters beyond names: in GB 18030, Big5 or Shift JIS the second byte of a letter can look like a separator,
so that a name read in the wrong charset shifts the fields behind it.
"""

from __future__ import annotations

import re

from leukon.io.safe import decode_legacy

__all__ = ["decode_messages"]

# HL7 table 0211, and as devices write its entries
_CHARSETS = {
    "GB18030": "gb18030", "GB180302000": "gb18030", "GB2312": "gb18030", "GBK": "gb18030",
    "BIG5": "big5", "KSX1001": "euc_kr", "EUCKR": "euc_kr",
    "ISOIR87": "shift_jis", "ISOIR159": "shift_jis", "SHIFTJIS": "shift_jis", "JIS": "shift_jis",
    **{f"8859{n}": f"iso8859_{n}" for n in range(1, 16) if n != 12},
}  # fmt: skip


def decode_messages(data: bytes, name: str) -> str:
    """The text of messages; raises RecordError where it is too large or binary."""
    if charset := _find_charset(data):
        try:
            data.decode("utf-8-sig")
        except UnicodeDecodeError:
            try:
                return decode_legacy(data.decode(charset).encode(), name)
            except UnicodeDecodeError:
                pass  # not what it says it is
    return decode_legacy(data, name)


def _find_charset(data: bytes) -> str | None:
    """The charset that the first MSH-18 names.

    >>> _find_charset(b"MSH|^~\\\\&|||||||ORU^R01|1|P|2.3.1||||||GB 18030-2000")
    'gb18030'
    """
    at = data[:2000].find(b"MSH")
    mark = data[at + 3 : at + 4]
    if at < 0 or not mark:
        return None
    fields = re.split(rb"[\r\n]", data[at : at + 2000], maxsplit=1)[0].split(mark)
    named = re.split(r"[~^]", fields[17].decode("latin-1"))[0] if len(fields) > 17 else ""
    return _CHARSETS.get(re.sub("[^A-Z0-9]", "", named.upper().removeprefix("ISO")) or "")
