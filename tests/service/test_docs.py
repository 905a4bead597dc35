"""docs/service.md says what is so: its settings are the defaults, its addresses are there, its example is answered."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path

from leukon.service.app import make_app
from leukon.service.config import read_settings
from leukon.service.settings import Settings
from tests.service.client import Service

TEXT = (Path(__file__).parents[2] / "docs" / "service.md").read_text(encoding="utf-8")


def test_the_settings_shown_are_the_defaults_and_none_is_left_out(tmp_path: Path) -> None:
    shown = TEXT.split("```yaml\n")[1].split("```")[0]
    (tmp_path / "leukon.yaml").write_text(shown)
    assert read_settings(tmp_path / "leukon.yaml") == Settings()
    named = set(re.findall(r"^(\w+):", shown, re.MULTILINE)) | {"workers", "policy", "audit"}
    assert named == set(asdict(Settings()))


def test_the_addresses_are_those_of_the_service() -> None:
    described = make_app(Settings(workers=1)).openapi()["paths"]
    table = TEXT.split("| address | what |")[1].split("\n\n")[0]
    named = set(re.findall(r"`(?:POST )?(/[^`]*)`", table)) - {"/", "/openapi.json"}
    assert named == {path for path in described if not path.startswith("/cds-services/")}


def test_the_example_of_parameters_is_read_as_far_as_it_goes(service: Service) -> None:
    found = re.search(r'^    (\{"resourceType": "Parameters".*?\]\})$', TEXT, re.DOTALL | re.MULTILINE)
    assert found
    example = json.loads(found[1])
    answer = service.post("/fhir/$assess", content=json.dumps(example))
    assert (answer.status_code, "no patient" in answer.text) == (422, True), "its Bundle is empty"


def test_each_status_said_is_described_and_each_described_is_said() -> None:
    table = TEXT.split("| status | when |")[1].split("\n\n")[0]
    said = {
        int(word)
        for word in re.findall(r"\b4\d\d\b|\b5\d\d\b", "\n".join(line.split("|")[1] for line in table.splitlines()[2:]))
    }
    described = make_app(Settings(workers=1)).openapi()["paths"]["/fhir/$assess"]["post"]["responses"]
    assert said == {int(status) for status in described} - {200, 405, 500}
