"""leukon: decision support for low white blood cell counts.

>>> import leukon
>>> sorted(leukon.__all__)[:3]
['Patient', 'Person', 'Report']
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leukon.answer import Report
    from leukon.assess import assess
    from leukon.io import read_inputs, read_record
    from leukon.knowledge import load_knowledge
    from leukon.patient import Patient, Person
    from leukon.severity import grade_value

__version__ = "0.1.0"

_HOME = {
    "Patient": "leukon.patient",
    "Person": "leukon.patient",
    "Report": "leukon.answer",
    "assess": "leukon.assess",
    "grade_value": "leukon.severity",
    "load_knowledge": "leukon.knowledge",
    "read_inputs": "leukon.io",
    "read_record": "leukon.io",
}

__all__ = [
    "Patient", "Person", "Report", "__version__", "assess", "grade_value", "load_knowledge", "read_inputs",
    "read_record",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Each name is loaded when it is first used: `import leukon` costs nothing."""
    if name not in _HOME:
        raise AttributeError(f"module 'leukon' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


class _Package(ModuleType):
    def __setattr__(self, name: str, value: Any) -> None:
        # Importing the module `leukon.assess` would hide the function of that name: the function stays.
        if name == "assess" and isinstance(value, ModuleType):
            value = value.assess
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
