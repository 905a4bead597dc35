"""A line of a record is read as a clinician would: negation, the past, relatives, several things at once."""

from __future__ import annotations

import pytest

from leukon.facts.lexicon import Lexicon, build_lexicon
from leukon.facts.phrases import Phrase, read_phrase, split_clauses
from leukon.knowledge import load_knowledge

KINDS = ("finding", "condition", "drug", "test")


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return build_lexicon(load_knowledge())


def read(text: str, lexicon: Lexicon) -> set[str]:
    found = read_phrase(text, lexicon, KINDS)
    return {("" if r.present else "no ") + r.id for r in found.readings}


@pytest.mark.parametrize(
    ("words", "finding"),
    [
        ("fever", "fever"),
        ("high fever", "fever"),
        ("Splenomegally", "splenomegaly"),
        ("odynophagia", "sore_throat"),
        ("scrapable white oral exudates", "thrush"),
        ("HP:0001744", "splenomegaly"),
    ],
)
def test_one_finding_in_many_words(words: str, finding: str, lexicon: Lexicon) -> None:
    found = read(words, lexicon) or {e[1] for e in lexicon.find_code(words)}
    assert finding in found


@pytest.mark.parametrize(
    ("words", "denied"),
    [
        ("no splenomegaly", "splenomegaly"),
        ("denies cough", "cough"),
        ("without lymphadenopathy", "lymphadenopathy"),
        ("no blasts", "blasts"),
    ],
)
def test_a_denial_is_an_absence(words: str, denied: str, lexicon: Lexicon) -> None:
    assert read(words, lexicon) == {f"no {denied}"}


def test_several_findings_in_one_line_are_each_read(lexicon: Lexicon) -> None:
    assert {"fever", "chills"} <= read("fever and chills", lexicon)


def test_a_relatives_disease_is_not_the_persons(lexicon: Lexicon) -> None:
    assert "hypertension" not in read("mother has hypertension", lexicon)
    assert "systemic_lupus_erythematosus" not in read("sister with systemic lupus erythematosus", lexicon)
    assert "fever" not in read("brother had fever last week", lexicon)


def test_what_has_resolved_belongs_to_the_illness_but_not_to_now(lexicon: Lexicon) -> None:
    (reading,) = read_phrase("high fever for 3 days (resolved)", lexicon, KINDS).readings
    assert (reading.id, reading.tense) == ("fever", "resolved")


def test_the_past_is_marked(lexicon: Lexicon) -> None:
    (reading,) = read_phrase("history of fever", lexicon, KINDS).readings
    assert reading.tense == "past"


@pytest.mark.parametrize("nonsense", ["qwertyuiop asdfgh", "the cat sat on the mat", "hypersplexonia of Zorg"])
def test_words_that_mean_nothing_are_not_read(nonsense: str, lexicon: Lexicon) -> None:
    assert read_phrase(nonsense, lexicon, KINDS) == Phrase((), nonsense)


@pytest.mark.parametrize(
    ("words", "never"),
    [("hyperkalemia", "hypokalemia"), ("neutrophilia", "neutropenia_stated"), ("hypoglycemia", "hyperglycemia")],
)
def test_an_opposite_is_never_read_for_likeness(words: str, never: str, lexicon: Lexicon) -> None:
    assert never not in read(words, lexicon)


def test_clauses() -> None:
    assert split_clauses("hypocellular, 6.5% blasts; no fibrosis") == ["hypocellular", "6.5% blasts", "no fibrosis"]
