"""Compiles the knowledge into the wheel, so that an installed leukon loads it at once."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileKnowledge(BuildHookInterface):
    """Refuses to build when a fact breaks the schema."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        sys.path.insert(0, str(Path(self.root) / "src"))
        from leukon.knowledge.load import compile_knowledge

        compile_knowledge()
