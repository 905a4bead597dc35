"""The addresses: forms in, pages out, files only from the list, nothing of a file on a disk."""

from __future__ import annotations

import hashlib
import re
import tempfile
from importlib import resources
from typing import Any

import pytest

from leukon.service.web.assets import list_assets
from leukon.service.web.words import suggest
from tests.service.client import Service
from tests.service.web.forms import EXAMPLES, read_page


def test_the_form_and_every_file_it_asks_for_are_there(service: Service) -> None:
    page = service.get("/")
    assert page.status_code == 200 and page.headers["content-type"].startswith("text/html")
    answer = service.post("/answer", data={"form": "entry", "paste": "WBC 2.1, ANC 0.4"})
    asked = set(re.findall(r'(?:src|href)="(static/[^"]+)"', page.text + answer.text))
    assert {"static/htmx.min.js", "static/leukon.js", "static/report.css"} <= asked
    asked |= set(re.findall(r'"(static/[^"]+)"', service.get("/static/leukon.js").text))
    assert "static/vega-embed.min.js" in asked
    for path in asked:
        assert service.get(f"/{path}").status_code == 200, path


def test_a_file_is_sent_once(service: Service) -> None:
    first = service.get("/static/leukon.css")
    assert first.headers["cache-control"] == "no-cache"
    again = service.get("/static/leukon.css", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304 and not again.content


@pytest.mark.parametrize("path", ["/static/..%2froutes.py", "/static/%2e%2e/routes.py", "/static/../routes.py",
                                  "/static/....//routes.py", "/static//etc/passwd", "/static/%2fetc%2fpasswd",
                                  "/static/VENDORED.txt", "/static/leukon.css%00.js", "/static/"])  # fmt: skip
def test_no_other_file_can_be_had(service: Service, path: str) -> None:
    assert service.get(path).status_code == 404


def test_a_case_goes_from_the_form_to_the_answer_and_back(service: Service) -> None:
    answer = service.post("/answer", data={"form": "entry", "paste": "WBC 2.1 K/uL, ANC 0.4", "present": "fever"})
    assert answer.status_code == 200 and "EMERGENCY" in answer.text
    state = read_page(answer.text).fields("edit")
    form = service.post("/edit", data=state)
    assert 'value="2.1 K/uL"' in form.text and 'value="fever"' in form.text
    assert "Get care now" in service.post("/patient", data=state).text
    part = service.post("/what-if", data={**state, "try": "no fever"}, headers={"hx-request": "true"})
    assert part.status_code == 200 and not part.text.startswith("<!DOCTYPE")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_a_dropped_file_is_answered(service: Service, path: Any) -> None:
    sent = service.post("/answer", data={"form": "entry"}, files={"file": (path.name, path.read_bytes())})
    assert sent.status_code == 200 and "Is it low?" in sent.text


def test_a_file_is_held_in_memory_and_its_name_is_not_kept(service: Service, monkeypatch: Any) -> None:
    def refuse(_: object) -> None:
        raise AssertionError("a file of a person was written to a disk")

    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", refuse)
    data = b"counts: [{wbc: 2.1}]\n" + b"# " + b"x" * 2_000_000
    sent = service.post("/answer", data={"form": "entry"}, files={"file": ("jane-doe.yaml", data)})
    assert sent.status_code == 200 and "jane-doe" not in sent.text
    bad = service.post("/answer", data={"form": "entry"}, files={"file": ("jane-doe.yaml", b"counts: [")})
    assert bad.status_code == 422 and "jane-doe" not in bad.text and "the file: line" in bad.text


def test_what_is_no_form_is_one_line(service: Service) -> None:
    for body, kind in ((b"{}", "application/json"), (b"x", "multipart/form-data"), (b"", "")):
        sent = service.post("/answer", content=body, headers={"content-type": kind})
        assert sent.status_code == 422 and sent.text.count('role="alert"') == 1


def test_the_shared_file_is_a_download(service: Service) -> None:
    record = '{"counts": [{"wbc": "2.1"}], "id": "4711"}'
    sent = service.post("/save", data={"record": record, "what": "report"})
    assert sent.headers["content-disposition"] == 'attachment; filename="leukon-report.html"'
    assert sent.text.startswith("<!DOCTYPE html>") and "4711" not in sent.text


def test_a_forecast_is_a_part_of_the_page(service: Service) -> None:
    record = '{"counts": [{"day": "-9", "neutrophils": "3"}, {"day": "0", "neutrophils": "1.2"}]}'
    part = service.post("/forecast", data={"record": record}, headers={"hx-request": "true"})
    assert part.status_code == 200 and 'data-name="forecast"' in part.text


def test_words_are_completed(service: Service) -> None:
    assert '<option value="methimazole">Tapazole</option>' in service.post("/words/drug", data={"q": "tapaz"}).text
    assert service.post("/words/drug", data={"q": "x<"}).text.strip() == ""
    assert service.post("/words/nothing", data={"q": "fever"}).status_code == 404


@pytest.mark.parametrize(
    ("kind", "typed", "first"),
    [
        ("drug", "clozap", "clozapine"),
        ("finding", "sore th", "sore throat"),
        ("condition", "grav", "Graves disease"),
        ("exposure", "thai", "stay in South-East Asia or the Pacific"),
        ("test", "ana", "antinuclear antibodies"),
        ("finding", "haemorrhage", None),
        ("drug", "c", None),
        ("witch", "fever", None),
    ],
)
def test_the_first_word_is_the_one_meant(kind: str, typed: str, first: str | None) -> None:
    found = suggest(kind, typed)
    assert len(found) <= 12
    if first:
        assert found[0].name == first
    elif kind != "finding":
        assert found == ()
    else:
        assert found, "British spelling finds the same"


def test_the_files_of_others_are_those_of_the_list_and_unchanged() -> None:
    folder = resources.files("leukon.service.web").joinpath("static")
    listed = folder.joinpath("VENDORED.txt").read_text(encoding="utf-8")
    sums = dict(re.findall(r"^(\S+\.js) .*?([0-9a-f]{64})$", listed, re.MULTILINE))
    own = {"leukon.js", "pages.js", "leukon.css", "leukon.svg", "report.css"}
    assert set(list_assets()) - own == set(sums)
    for name, printed in sums.items():
        assert hashlib.sha256(folder.joinpath(name).read_bytes()).hexdigest() == printed
