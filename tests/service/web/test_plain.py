"""The patient's page: plain words, when to get help; no cause, no chance, no treatment, no medicine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from leukon.answer import Report
from leukon.assess import assess
from leukon.io import read_record
from leukon.knowledge import load_knowledge
from leukon.service.web.plain import read_words, write_plain
from leukon.service.web.render import render
from tests.service.web.forms import EXAMPLES, RECORDS, read_page


def show(report: Report) -> str:
    """What a person reads on the page, without the buttons above it."""
    text = read_page(render("patient.html", plain=write_plain(report), state={})).text
    return "Your white blood cells" + text.partition("Your white blood cells")[2]


def of(text: str) -> str:
    return show(assess(read_record(text)))


def find_forbidden(report: Report) -> Iterator[str]:
    """Names of causes, tests and options, and all that was typed."""
    yield from (c.name for c in report.causes)
    yield from (m.because for m in report.must_not_miss)
    yield from (text for o in report.care for text in (o.option, o.because, o.caution))
    yield from (t.test for t in report.workup)
    yield from (a.question for a in report.ask)
    yield from (n.item for n in report.not_used)
    yield from (u.item for u in report.understood if len(u.item) > 4 and not u.as_.startswith(("count:", "person:")))
    yield from ("%", "likel", "probab", "chance", "antibiotic", "chemo", "G-CSF", "leukaemia", "cancer?")


@pytest.mark.parametrize("path", [*EXAMPLES, *RECORDS], ids=lambda p: p.stem)
def test_no_cause_no_chance_no_treatment_and_no_medicine_is_named(path: Any) -> None:
    report = assess(read_record(path.read_text(encoding="utf-8")))
    page = show(report)
    body = page.partition("Where this comes from")[0].lower()
    assert not _drugs().search(body)
    fixed = " ".join(_texts(read_words())).lower()
    for word in find_forbidden(report):
        found = re.search(rf"(?<![a-z]){re.escape(word.lower())}(?![a-z])", body)
        assert not found or word.lower() in fixed, f"{path.stem}: {word!r} on the patient's page"
    assert "%" not in page
    body = body.replace("do not stop, start or change a medicine on your own", "")
    assert not re.search(r"\b(?:stop|start|begin|change|skip)\b[^.]*\b(?:medicine|drug|tablet|pill|dose)", body)


@cache
def _drugs() -> re.Pattern[str]:
    names = sorted(d.name.lower() for d in load_knowledge().drugs.values())
    return re.compile(rf"(?<![a-z])(?:{'|'.join(map(re.escape, names))})(?![a-z])")


def _texts(held: Any) -> Iterator[str]:
    if isinstance(held, str):
        yield held
    elif isinstance(held, dict):
        for key, value in held.items():
            if key not in ("sources", "id"):
                yield from _texts(value)
    elif isinstance(held, list):
        for value in held:
            yield from _texts(value)


def test_the_fixed_words_name_no_drug_and_no_treatment_either() -> None:
    words = " ".join(_texts(read_words())).lower()
    assert not _drugs().search(words)
    causes = [c.name.lower() for c in load_knowledge().causes.values()]
    named = [d for d in causes if re.search(rf"(?<![a-z]){re.escape(d)}(?![a-z])", words)]
    assert set(named) <= {"alcohol"}, "to be told by the patient, not a cause on the page"
    assert not re.search(r"antibiot|injection|transfus|chemo|steroid|paracetamol|ibuprofen|vaccin", words)


@pytest.mark.parametrize(
    ("record", "headline", "meaning"),
    [
        ("counts: [{neutrophils: 0.3}]\nfindings: [fever]", "Get care now", "very low"),
        ("counts: [{neutrophils: 0.7}]", "Be seen", "Your neutrophils are low"),
        ("counts: [{neutrophils: 1.3}]", "No hurry today", "a little low"),
        ("counts: [{wbc: 6, neutrophils: 4, lymphocytes: 2}]", "No hurry today", "not low for you"),
        ("findings: [tired]", "Count to be checked", "cannot say yet"),
        ("person: {duffy_null: true, age: 30, sex: male}\ncounts: [{wbc: 3.5, neutrophils: 1.4}]", "No hurry today",
         "usual for you. Some healthy people"),
    ],
)  # fmt: skip
def test_what_the_count_means_and_how_soon(record: str, headline: str, meaning: str) -> None:
    page = of(record)
    assert headline in page and meaning in page


def test_each_level_and_each_meaning_has_its_words() -> None:
    words = read_words()
    report = assess(read_record("counts: [{neutrophils: 1.3}]"))
    for level in ("emergency", "same day", "urgent", "soon", "routine", "none"):
        made = write_plain(replace(report, urgency=replace(report.urgency, level=level)))
        assert made.headline == words["headline"][level] and made.soon == words["soon"][level]
    for verdict, meaning in (("artefact", "artefact"), ("real", "mild")):
        made = write_plain(replace(report, real=replace(report.real, verdict=verdict)))
        assert made.meaning == words["meaning"][meaning]


def test_every_page_says_when_to_get_help_and_not_to_change_a_medicine_alone() -> None:
    for path in EXAMPLES:
        page = of(path.read_text(encoding="utf-8"))
        assert "38 °C (100.4 °F)" in page
        assert "Do not stop, start or change a medicine on your own. Ask first." in page


def test_a_person_whose_count_is_usual_is_not_told_to_be_careful() -> None:
    usual = of("person: {duffy_null: true, age: 30, sex: male}\ncounts: [{wbc: 3.5, neutrophils: 1.4}]")
    low = of("counts: [{neutrophils: 0.7}]")
    for word in ("My white blood cells may be low", "thermometer", "Stay away"):
        assert word in low and word not in usual


def test_the_sources_of_its_words_are_known() -> None:
    known = load_knowledge().sources
    cited = {name for part in read_words()["parts"] for name in part.get("sources", ())}
    assert len(cited) > 3 and cited <= known.keys()


def test_it_can_be_read_at_twelve() -> None:
    """Flesch-Kincaid: years of school; a reader of twelve has six or seven."""
    for text in _texts(read_words()):
        assert len(text.split()) < 6 or _grade(text) <= 7.5, text
    assert _grade(" . ".join(_texts(read_words()))) < 5


def _grade(text: str) -> float:
    sentences = [s for s in re.split(r"[.!?:]+", text) if s.strip()]
    words = re.findall(r"[A-Za-z']+", text)
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(_syllables, words)) / len(words) - 15.59


def _syllables(word: str) -> int:
    groups = len(re.findall(r"[aeiouy]+", word.lower()))
    silent = word.lower().endswith("e") and not word.lower().endswith("le") and groups > 1
    return max(1, groups - silent)


def test_the_syllables_are_counted() -> None:
    assert [_syllables(w) for w in ("germ", "infection", "little", "temperature")] == [1, 3, 2, 4]
