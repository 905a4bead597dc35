"""The schema refuses a fact without a source, and says where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from leukon.knowledge.check import KnowledgeError, hash_data, read_knowledge
from leukon.knowledge.load import DATA, load_knowledge

GOOD = """\
sources:
- {id: bux-1998, citation: "Bux J. Blood 1998;91:181-6"}
findings:
- id: fever
  name: fever
  kind: finding
  leak: {p: 0.1, because: made up for this test}
"""


def check(tmp_path: Path, text: str) -> list[str]:
    (tmp_path / "facts.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(KnowledgeError) as caught:
        read_knowledge(tmp_path)
    return [str(f) for f in caught.value.faults]


def test_a_good_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "facts.yaml").write_text(GOOD, encoding="utf-8")
    assert list(read_knowledge(tmp_path).findings) == ["fever"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("  leak: 0.1", "an estimate must say why"),
        ("  leak: {p: 1.4, because: x}", "between 0 and 1"),
        ("  leak: {p: 0.1, source: nobody-1900}", "unknown source 'nobody-1900'"),
        ("  leak: {p: 0.1, source: bux-1998, sure: confirmed}", "locator"),
        ("  leak: {p: often, because: x}", "leak.p"),
    ],
)
def test_a_bad_figure_is_refused_with_file_and_line(line: str, says: str, tmp_path: Path) -> None:
    faults = check(tmp_path, GOOD.replace("  leak: {p: 0.1, because: made up for this test}", line))
    assert len(faults) == 1
    assert says in faults[0]
    assert faults[0].startswith(("facts.yaml:4:", "facts.yaml:7:"))


def test_an_unknown_field_is_named(tmp_path: Path) -> None:
    faults = check(tmp_path, GOOD + "  colour: red\n")
    assert faults == ["facts.yaml:8: unknown field 'colour' in findings"]


def test_a_word_claimed_twice_is_a_fault(tmp_path: Path) -> None:
    twin = "- {id: heat, name: heat, kind: finding, synonyms: [Fever], leak: {p: 0.1, because: x}}\n"
    assert any("belongs to both" in f for f in check(tmp_path, GOOD + twin))


def test_every_fault_is_reported_not_only_the_first(tmp_path: Path) -> None:
    two = GOOD.replace("because: made up for this test", "source: a-1") + (
        "- {id: heat, name: heat, kind: finding, leak: 0.2}\n"
    )
    assert len(check(tmp_path, two)) >= 1
    assert any("estimate" in f for f in check(tmp_path, two))


def test_yaml_words_stay_words(tmp_path: Path) -> None:
    """ "no" is a word and 1:640 a titre, not a false and a number of seconds."""
    words = GOOD + "  synonyms: [no, on, 1:640]\n"
    (tmp_path / "facts.yaml").write_text(words, encoding="utf-8")
    assert read_knowledge(tmp_path).findings["fever"].synonyms == ("no", "on", "1:640")


def test_the_hash_follows_the_content(tmp_path: Path) -> None:
    (tmp_path / "facts.yaml").write_text(GOOD, encoding="utf-8")
    before = hash_data(tmp_path)
    (tmp_path / "facts.yaml").write_text(GOOD + "\n", encoding="utf-8")
    assert hash_data(tmp_path) != before


def test_all_that_leukon_knows_passes_its_own_check() -> None:
    k = read_knowledge(DATA)
    assert k == load_knowledge()


def test_there_is_a_cause_for_every_family() -> None:
    """`no_leukopenia` is "this person's normal", and drugs make rows of their own family."""
    from leukon.knowledge.schema import FAMILIES

    held = {c.family for c in load_knowledge().causes.values()}
    assert set(FAMILIES) - held == {"no_leukopenia"}
