"""The pages: danger first, nothing lost, what was typed kept, every text escaped, nothing that the policy blocks."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leukon.service.web.pages import Page, Saved, answer, edit, explain, save, start, what_if
from leukon.service.web.state import Asked
from tests.report.nesting import Nesting
from tests.service.web.forms import EXAMPLES, RECORDS, ask, read_page

_VOID = {"meta", "link", "rect", "polyline", "polygon", "line", "circle", "br", "input", "img"}
AGRANULOCYTOSIS = next(p for p in EXAMPLES if p.stem == "agranulocytosis").read_bytes()


def check_page(page: Page | Saved, status: int = 200) -> str:
    """Well-formed, ids once, labels in place, no inline script or style."""
    assert isinstance(page, Page)
    assert page.status == status
    nesting = Nesting(_VOID)
    nesting.feed(page.html)
    assert nesting.open == []
    read = read_page(page.html)
    assert len(read.ids) == len(set(read.ids)), [i for i in read.ids if read.ids.count(i) > 1]
    for tag, held in read.tags:
        assert "style" not in held, (tag, held)
        assert not any(name.startswith("on") for name in held), (tag, held)
        assert tag != "style"
        assert tag != "script" or str(held["src"]).startswith("static/")
        for name in ("src", "href", "action"):
            outside = str(held.get(name, "")).startswith(("http:", "https:", "//", "javascript:", "data:"))
            assert not outside or (tag == "a" and held["rel"] == "noreferrer"), (tag, held)
        for name in ("aria-labelledby", "aria-describedby"):
            assert set((held.get(name) or "").split()) <= set(read.ids), (tag, held)
        if tag == "a" and str(held.get("href", "")).startswith("#"):
            assert str(held["href"])[1:] in read.ids, held
    return page.html


def carry(html: str, action: str) -> dict[str, list[str]]:
    return read_page(html).fields(action)


def test_the_answer_says_danger_first_and_then_in_the_order_of_need() -> None:
    text = read_page(check_page(answer(ask(AGRANULOCYTOSIS)))).text
    places = [
        text.index(word)
        for word in ("EMERGENCY: act within the hour", "Is it low? Low for this person", "Counts 2 counts, lowest 1.9",
                     "Is it real? Real", "Why? Causes, likeliest first", "Must not miss methimazole", "What if Try",
                     "Ask Where", "Next tests Tests", "Options to consider TREAT", "What the count will do Published",
                     "cited on this page", "Not used Nothing")
    ]  # fmt: skip
    assert places == sorted(places)


@pytest.mark.parametrize("path", [*EXAMPLES, *RECORDS[::12]], ids=lambda p: p.stem)
def test_each_page_of_each_record_is_whole(path: Path) -> None:
    html = check_page(answer(ask(path.read_bytes())))
    state = carry(html, "patient")
    check_page(explain(Asked(state)))
    check_page(edit(Asked(state)))
    check_page(what_if(Asked({**state, "try": ("fever",)})))


def test_the_first_page_is_whole() -> None:
    check_page(start(Asked()))


def test_a_typed_case_is_answered() -> None:
    page = answer(ask(
        age="34 years", sex="female", count_wbc="1900 /uL", count_neutrophils="1 %", drug_name="methimazole",
        drug_start="6 weeks ago", drug_dose="", drug_stop="", drug_note="", present=("fever", "mouth ulcers"),
        tests=("CRP 186 mg/L",), setting="hospital",
    ))  # fmt: skip
    text = read_page(check_page(page)).text
    assert "EMERGENCY" in text and "methimazole: drug agranulocytosis" in text and "begun 42 days before" in text


def test_a_pasted_line_is_answered() -> None:
    text = read_page(check_page(answer(ask(paste="WBC 2.1 K/uL, ANC 0.4, Hb 10.2 g/dL, plt 88")))).text
    assert "pancytopenia" in text


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"count_wbc": "2100", "age": "50"}, "did you mean 2100 /uL?"),
        ({"paste": "hello", "age": "50"}, "no count that leukon can read"),
        ({"age": "50"}, "nothing to assess yet"),
        ({"count_wbc": "2", "setting": "moon", "age": "50"}, "where the person is seen is one of any"),
    ],
)
def test_what_cannot_be_used_is_one_line_and_what_was_typed_is_kept(fields: dict[str, str], says: str) -> None:
    html = check_page(answer(ask(**fields)), 422)
    assert html.count('role="alert"') == 1 and says in html
    kept = carry(html, "answer")
    assert kept["age"] == ["50"] and kept["paste"] == [fields.get("paste", "")]
    assert kept["count.wbc"][0] == fields.get("count_wbc", "")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"<html><body>WBC 2.1</body></html>", "the file: "),
        (b"\xff\xfe\x00\x01\x02", "the file: "),
        (b"counts: [{wbc: 3}", "the file: line"),
        (b"name: nobody", "no count, drug, finding"),
        (b'{"counts": [{"wbc": 3}]}\n{"counts": [{"wbc": 4}]}\n', "it holds 2 records; give one"),
        (b"a: &a [1]\nb: *a", "anchors and aliases are not accepted"),
    ],
)
def test_a_bad_file_is_one_line(data: bytes, says: str) -> None:
    html = check_page(answer(ask(data)), 422)
    (line,) = re.findall(r'role="alert"><strong>Not read yet</strong><p>(.*?)</p>', html)
    assert says in line


def test_a_file_beside_typed_fields_is_not_guessed_at() -> None:
    html = check_page(answer(ask(AGRANULOCYTOSIS, count_wbc="2")), 422)
    assert "put the file into an empty form first" in html


def test_a_file_can_be_put_into_the_form_and_what_it_held_beside_is_kept() -> None:
    message = (
        "MSH|^~\\&|LAB|X|||202603010800||ORU^R01|1|P|2.5\rPID|1||4711||Doe^Jane||19900203|F\r"
        "OBR|1|||CBC^^L|||202603010700\rOBX|1|NM|6690-2^WBC^LN||2.1|10*3/uL|4.0-11.0|L|||F\r"
        "OBX|2|NM|26499-4^ANC^LN||0.4||1.5-7.5|L|||F\r"
    )
    html = check_page(edit(ask(message.encode())))
    fields = carry(html, "answer")
    assert fields["count.wbc"][0] == "2.1 10*3/uL" and fields["limit.wbc"] == ["4-11"]
    assert "Doe" not in html and "1990-02-03" not in html
    assert re.search(r"\d+ items of the file do not fit the form", html)
    fields["drug.name"][0] = "clozapine"
    text = read_page(check_page(answer(Asked(fields)))).text
    assert "clozapine" in text and "the unit is missing" in text, "the count without a unit is said, not dropped"


@pytest.mark.parametrize(
    "word",
    [
        "<script>alert(1)</script>",
        "{{ 1234567*9 }}",
        "{% include 'base.html' %}",
        "${1234567*9}",
        '"><img src=x onerror=alert(1)>',
        "'; drop table",
        "</textarea><b>x",
    ],
)
def test_every_text_of_the_input_is_escaped(word: str) -> None:
    fields = {"count_wbc": "2", "present": (word, "fever"), "drug_name": word, "conditions": word, "tests": word,
              "exposures": word, "ancestry": word, "sample": word, "age": word}  # fmt: skip
    html = check_page(answer(ask(**fields)))
    state = carry(html, "patient")
    pages = [
        html,
        check_page(edit(Asked(state))),
        check_page(explain(Asked(state))),
        check_page(what_if(Asked({**state, "try": (word,)}))),
        check_page(answer(ask(paste=word, **fields)), 422),
    ]
    for page in pages:
        assert "<script>alert" not in page and "<img src=x" not in page and "<b>x" not in page
        assert "11111103" not in page
    assert read_page(pages[1]).fields("answer")["conditions"][0] == word
    made = save(Asked({**state, "what": ("report",)}))
    assert isinstance(made, Saved)
    assert b"<script" not in made.data and b"<img" not in made.data


def test_what_was_not_used_is_said_at_the_top_and_a_guess_at_a_word_too() -> None:
    html = check_page(answer(ask(count_wbc="2", present=("frobnication",), drug_name="methimazolle")))
    text = read_page(html).text
    assert "“methimazolle” was read as methimazole" in text
    assert text.index("“frobnication”: not understood") < text.index("Is it low? Low for this person")


def test_a_result_is_tried_on_taken_back_and_kept() -> None:
    html = check_page(answer(ask(age="28 years", sex="female", count_wbc="2.8", count_lymphocytes="0.6")))
    fields = carry(html, "what-if")
    part = what_if(Asked({**fields, "try": ("ANA 1:640", "")}, part=True))
    assert isinstance(part, Page) and part.status == 200
    assert not part.html.startswith("<!DOCTYPE") and "If so" in part.html and "ANA 1:640" in part.html
    both = what_if(Asked({**fields, "add": ("ANA 1:640",), "try": ("fever",)}, part=True))
    assert isinstance(both, Page) and both.html.count('name="add"') == 2
    back = what_if(Asked({**fields, "add": ("ANA 1:640",), "drop": ("ANA 1:640",)}, part=True))
    assert isinstance(back, Page) and "If so" not in back.html
    kept = check_page(answer(Asked({**fields, "add": ("ANA 1:640",), "keep": ("1",)})))
    assert json.loads(carry(kept, "patient")["record"][0])["tests"] == [{"name": "ANA", "result": "1:640"}]
    assert "ANA" not in carry(html, "patient")["record"][0]


def test_without_scripts_a_result_tried_on_is_a_whole_page() -> None:
    state = carry(check_page(answer(ask(count_neutrophils="0.3"))), "what-if")
    text = read_page(check_page(what_if(Asked({**state, "try": ("fever",)})))).text
    assert "Urgency: urgent → emergency." in text


def test_a_bad_part_is_one_line_and_no_page() -> None:
    page = what_if(Asked({"record": ("{}",), "try": ("fever",)}, part=True))
    assert isinstance(page, Page) and page.status == 422 and "<!DOCTYPE" not in page.html


def test_the_shared_files_hold_no_id_no_birth_and_no_date() -> None:
    record = b"""
id: MRN-4711
person: {sex: F, birth_date: 1990-02-03}
counts: [{date: 2024-01-05, wbc: 6}, {date: 2024-03-01, wbc: 2.1, neutrophils: 0.3}]
drugs: [{name: methimazole, start: 2024-01-20}]
"""
    html = check_page(answer(ask(record)))
    assert "MRN-4711" in html and "2024-03-01" in html, "on the page itself they tell whose count it is"
    state = carry(html, "patient")
    for what in ("report", "record"):
        made = save(Asked({**state, "what": (what,)}))
        assert isinstance(made, Saved)
        text = made.data.decode()
        assert not any(word in text for word in ("MRN", "1990-02-03", "2024-01", "2024-03-01"))
        assert "methimazole" in text and "-4711" not in text
    assert json.loads(text)["counts"][1]["neutrophils"] == "0.3"


def test_the_shared_report_stands_alone() -> None:
    made = save(ask(AGRANULOCYTOSIS, what="report"))
    assert isinstance(made, Saved) and made.name == "leukon-report.html"
    assert not re.search(rb"<(?:script|link|img|iframe)|\bsrc=|url\(|@import", made.data)


@pytest.mark.parametrize("record", ["[]", "null", "{", '{"person": 3}', '{"counts": [{"limits": 3}]}', '"x"', "7"])
def test_a_record_that_was_tampered_with_is_one_line(record: str) -> None:
    for page in (answer, explain, edit, what_if, save):
        check_page(page(Asked({"record": (record,)})), 422)


_NAMES = ("age", "sex", "duffy", "pregnant", "weeks", "now", "when", "base", "sample", "count.wbc", "count.neutrophils",
          "count.x", "limit.wbc", "drug.name", "drug.start", "drug.stop", "drug.dose", "drug.note", "present", "absent",
          "conditions", "exposures", "tests", "paste", "record", "left", "setting", "add", "try", "drop", "keep",
          "form", "cause", "treat", "what")  # fmt: skip
_WORDS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["", "0", "-3", "2.1", "2100 /uL", "9 %", "fever", "methimazole", "2026-03-01", "3 weeks ago",
                     "true", "ANA 1:640", "WBC 2.1, ANC 0.4", "{}", "[]", '{"counts": [{"wbc": "2"}]}', "entry",
                     "any"]),
)  # fmt: skip


@settings(deadline=None)  # a busy machine is no defect
@given(st.dictionaries(st.sampled_from(_NAMES), st.lists(_WORDS, min_size=1, max_size=3).map(tuple)), st.booleans())
def test_any_form_is_answered_or_refused_in_one_line(fields: dict[str, tuple[str, ...]], part: bool) -> None:
    for make in (answer, edit, explain, what_if, save):
        page = make(Asked(fields, None, part))
        assert isinstance(page, Saved) or page.status in (200, 422)
