"""The web page in a browser: as a doctor at night uses it, with the keyboard, on a phone, without scripts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from leukon.assess import assess
from leukon.io import read_record
from leukon.report.fhir import write_fhir
from tests.browser.visit import Visit, open_visit

ROOT = Path(__file__).parents[2]
METHIMAZOLE = ROOT / "examples/agranulocytosis.yaml"
NADIR = ROOT / "examples/chemotherapy_nadir.yaml"
LUPUS = ROOT / "tests/records/lupus_known.yaml"
LINE = "WBC 1.9 K/uL, ANC 0.02, Hb 13.1 g/dL, plt 231"


def fill_in(page: Page) -> None:
    """Fever and a sore throat six weeks into methimazole."""
    page.get_by_label("One line a draw").fill(LINE)
    page.get_by_label("Age").fill("34 years")
    page.get_by_label("Sex").select_option("female")
    page.get_by_label("Drug", exact=True).first.fill("methimazole")
    page.get_by_label("Started").first.fill("6 weeks ago")
    page.get_by_label("Symptoms and signs, 1").fill("fever 39.4 C")
    page.get_by_label("Symptoms and signs, 2").fill("severe sore throat")
    page.get_by_role("button", name="Assess", exact=True).last.click()
    page.wait_for_selector("#low")


def test_a_case_is_typed_and_the_answer_read(visit: Visit) -> None:
    page = visit.start()
    fill_in(page)
    expect(page.locator(".banner")).to_contain_text("EMERGENCY: act within the hour")
    expect(page.locator("h1")).to_contain_text("Febrile neutropenia")
    first = page.locator(".causes details").first
    expect(first).to_contain_text("methimazole: drug agranulocytosis")
    expect(first).to_contain_text("begun 42 days before")
    second = page.locator(".causes details").nth(1)
    expect(second.locator("h3").first).to_be_hidden()
    second.locator("summary").click()
    expect(second.locator("h3").first).to_be_visible()


def test_words_asked_for_late_do_not_take_the_place_of_the_answer(visit: Visit) -> None:
    slower = "const begin = setTimeout; setTimeout = (what, ms) => begin(what, ms === 120 ? 1500 : ms)"
    visit.page.add_init_script(slower)  # the pause after which words are asked for
    page = visit.start()
    fill_in(page)
    page.wait_for_timeout(2_000)
    expect(page.locator(".banner")).to_contain_text("EMERGENCY")


def test_a_test_result_is_tried_on_taken_back_and_kept(visit: Visit) -> None:
    page = visit.drop(ROOT / "examples/leukemia_suspected.yaml")
    group = page.locator(".tries > div").filter(has_text="bone marrow")
    group.get_by_role("button", name="many plasma cells").click()
    changed = page.locator(".changed")
    expect(changed.locator(".moves")).to_contain_text("myeloma")
    expect(page.get_by_role("status")).to_contain_text("With bone marrow aspirate and trephine many plasma cells")
    page.get_by_label("A result or finding").fill("fever")
    page.get_by_role("button", name="Try", exact=True).click()
    expect(changed.locator(".chips li")).to_have_count(2)
    changed.get_by_role("button", name="Take fever back").click()
    expect(changed.locator(".chips li")).to_have_count(1)
    changed.get_by_role("button", name="Keep in the record").click()
    expect(page.locator(".changed")).to_have_count(0)
    page.get_by_role("button", name="Change what was entered").click()
    expect(page.get_by_label("Other tests with results, 2")).to_have_value(
        "bone marrow aspirate and trephine: many plasma cells"
    )


def test_the_forecast_is_loaded_on_demand_and_treatments_are_tried_on(visit: Visit) -> None:
    page = visit.drop(METHIMAZOLE)
    page.locator("button.waits").click()
    page.wait_for_selector("#forecast-result figure[data-name=forecast] .live svg", timeout=60_000)
    page.get_by_label("stop methimazole").check()
    expect(page.locator("#forecast-result")).to_contain_text("Without (dashed)", timeout=60_000)
    expect(page.get_by_label("stop methimazole")).to_be_checked()
    page.get_by_label("stop methimazole").uncheck()
    expect(page.locator("#forecast-result")).not_to_contain_text("Without (dashed)", timeout=60_000)


def test_the_next_cycle_is_tried_on(visit: Visit) -> None:
    page = visit.drop(NADIR)
    page.locator("button.waits").click()
    page.get_by_label("20 % less, day 11").check(timeout=60_000)
    page.wait_for_selector("figure[data-name=cycle] .live svg", timeout=60_000)
    assert visit.find_faults() == []


def test_charts_can_be_touched_and_say_their_counts(visit: Visit) -> None:
    page = visit.drop(METHIMAZOLE)
    live = page.locator("figure[data-name=neutrophils] .live")
    expect(live.locator("svg")).to_be_visible()
    expect(live).to_have_attribute("aria-label", "2 counts, lowest 0.019. The newest: neutrophils 0.019 is low; limits "
                                   "1.5–7.7. The table of counts gives every value.")  # fmt: skip
    live.locator(".mark-symbol path").last.hover(force=True)
    expect(page.locator("#vg-tooltip-element")).to_contain_text("1 %")
    expect(page.locator("figure.chart")).to_have_count(5)
    expect(page.locator("figure.chart > svg")).to_have_count(0)  # the drawn ones make room


def test_the_patients_view_and_back(visit: Visit) -> None:
    page = visit.drop(METHIMAZOLE)
    page.get_by_role("button", name="For the patient").click()
    expect(page.get_by_role("heading", name="Your white blood cells")).to_be_visible()
    expect(page.locator("main")).not_to_contain_text("methimazole")
    page.get_by_role("button", name="For the clinician").click()
    expect(page.locator(".banner")).to_contain_text("EMERGENCY")


@pytest.mark.parametrize("form", ["record", "fhir", "phenopacket", "hl7", "csv"])
def test_each_form_of_file_is_dropped(visit: Visit, tmp_path: Path, form: str) -> None:
    report = assess(read_record(METHIMAZOLE.read_text(encoding="utf-8")))
    feature = {"type": {"id": "HP:0001744", "label": "Splenomegaly"}}
    texts = {
        "record": METHIMAZOLE.read_bytes(),
        "fhir": write_fhir(report),
        "phenopacket": json.dumps({
            "id": "p", "subject": {"id": "s"}, "phenotypicFeatures": [feature],
            "metaData": {"phenopacketSchemaVersion": "2.0.2"},
        }).encode(),
        "hl7": b"MSH|^~\\&|LAB|X|||202603010800||ORU^R01|1|P|2.5\rPID|1||4711\rOBR|1|||CBC^^L|||202603010700\r"
               b"OBX|1|NM|6690-2^WBC^LN||2.1|10*3/uL|4.0-11.0|L|||F\r",
        "csv": b"date,WBC (10*9/L),ANC (10*9/L)\n2026-02-01,5.1,3.0\n2026-03-01,2.1,0.4\n",
    }  # fmt: skip
    path = tmp_path / f"case.{form}"
    path.write_bytes(texts[form])
    page = visit.drop(path)
    shows = {"phenopacket": "cannot be said", "csv": "neutropenia, severe", "hl7": "WBC 2.1"}.get(form, "neutropenia")
    expect(page.locator("main")).to_contain_text(shows)
    page.get_by_role("button", name="Change what was entered").click()
    expect(page.locator("#entry")).to_be_visible()


def test_a_file_dragged_onto_the_page_is_the_one_that_is_sent(visit: Visit) -> None:
    page = visit.start()
    held = page.evaluate_handle(
        "text => { const t = new DataTransfer(); t.items.add(new File([text], 'case.yaml')); return t; }",
        METHIMAZOLE.read_text(encoding="utf-8"),
    )
    page.dispatch_event("main", "drop", {"dataTransfer": held})
    page.locator("button.main").click()
    expect(page.locator("h1")).to_contain_text("Febrile neutropenia")


def test_a_mistake_is_said_and_what_was_typed_is_kept(visit: Visit) -> None:
    page = visit.start()
    page.get_by_role("textbox", name="White cells (WBC) 10⁹/L Newest").fill("2100")
    page.get_by_label("Age").fill("50")
    page.locator("button.main").click()
    expect(page.get_by_role("alert")).to_contain_text("did you mean 2100 /uL?")
    expect(page.get_by_label("Age")).to_have_value("50")
    page.get_by_role("textbox", name="White cells (WBC) 10⁹/L Newest").fill("2100 /uL")
    page.locator("button.main").click()
    expect(page.locator("h1")).to_contain_text("WBC 2.1")


def test_words_are_completed_and_rows_added_while_typing(visit: Visit) -> None:
    page = visit.start()
    page.get_by_label("Drug", exact=True).first.press_sequentially("tapaz")
    expect(page.locator("#drug-words option")).to_have_attribute("value", "methimazole")
    page.get_by_label("Symptoms and signs, 2").press_sequentially("fever")
    expect(page.get_by_label("Symptoms and signs, 3")).to_be_visible()
    page.get_by_label("Drug", exact=True).nth(1).fill("aspirin")
    expect(page.get_by_label("Drug", exact=True)).to_have_count(3)


def test_the_keyboard_alone_is_enough(visit: Visit) -> None:
    page = visit.start()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("#paste")).to_be_focused()
    page.keyboard.type(LINE)
    page.get_by_label("Age").focus()
    page.keyboard.type("34")
    page.keyboard.press("Enter")
    page.wait_for_selector("#low")
    page.locator(".causes summary").nth(1).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".causes details").nth(1)).to_have_attribute("open", "")
    page.locator("#try-own").focus()
    page.keyboard.type("fever")
    page.keyboard.press("Enter")
    expect(page.locator(".changed")).to_contain_text("Urgency")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault(browser: Browser, address: str, scheme: str) -> None:
    with open_visit(browser, address, color_scheme=scheme) as visit:
        page = visit.start()
        assert visit.find_faults() == []
        page.get_by_text("whole differential").click()
        visit.drop(METHIMAZOLE)
        page.locator(".tries button").first.click()
        page.wait_for_selector(".changed")
        page.evaluate("document.querySelectorAll('main details').forEach(d => { d.open = true; })")
        assert visit.find_faults() == []
        page.get_by_role("button", name="For the patient").click()
        page.wait_for_selector(".urgent-help")
        assert visit.find_faults() == []
        page.get_by_role("button", name="Change what was entered").click()
        page.wait_for_selector("#entry")
        assert visit.find_faults() == []


@pytest.mark.parametrize("width", [360, 800, 1400])
def test_no_page_is_wider_than_the_screen(browser: Browser, address: str, width: int) -> None:
    with open_visit(browser, address, viewport={"width": width, "height": 900}) as visit:
        page = visit.start()

        def overflows() -> int:
            return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")

        assert overflows() <= 0
        visit.drop(METHIMAZOLE)
        page.wait_for_selector("figure[data-name=wbc] .live svg")
        assert overflows() <= 0
        page.get_by_role("button", name="For the patient").click()
        assert overflows() <= 0


def test_it_works_without_scripts(browser: Browser, address: str) -> None:
    with open_visit(browser, address, java_script_enabled=False) as visit:
        page = visit.start()
        fill_in(page)
        expect(page.locator(".banner")).to_contain_text("EMERGENCY")
        expect(page.locator("figure > svg")).to_have_count(4)
        expect(page.get_by_role("table", name="The newest counts")).to_be_visible()
        page.get_by_label("A result or finding").fill("no fever")
        page.get_by_role("button", name="Try", exact=True).click()
        expect(page.locator(".changed")).to_be_visible()
        page.locator("button.waits").click()
        expect(page.locator("figure[data-name=forecast] svg")).to_be_visible(timeout=60_000)
        page.get_by_label("stop methimazole").check()
        page.get_by_role("button", name="Simulate").click()
        expect(page.locator("#forecast-result")).to_contain_text("Without (dashed)", timeout=60_000)
        page.get_by_role("button", name="For the patient").click()
        expect(page.locator(".banner")).to_contain_text("Get care now")


def test_print_is_the_answer_without_what_only_a_screen_can_use(visit: Visit, tmp_path: Path) -> None:
    page = visit.drop(METHIMAZOLE)
    made = page.pdf(path=tmp_path / "answer.pdf", format="A4")
    assert made.startswith(b"%PDF")
    page.emulate_media(media="print")
    expect(page.locator(".banner")).to_be_visible()
    for hidden in (".top", ".acts", ".inside", "#tries", "button.waits"):
        expect(page.locator(hidden)).to_be_hidden()


def test_the_shared_file_is_downloaded_and_stands_alone(visit: Visit, tmp_path: Path) -> None:
    page = visit.drop(METHIMAZOLE)
    page.get_by_text("Share", exact=True).click()
    with page.expect_download() as started:
        page.get_by_role("button", name="Report as one file (HTML)").click()
    path = tmp_path / started.value.suggested_filename
    started.value.save_as(path)
    assert path.name == "leukon-report.html"
    page.goto(path.as_uri())
    expect(page.locator("h1")).to_contain_text("Febrile neutropenia")
    visit.complaints = [c for c in visit.complaints if "file://" not in c]


def test_back_and_forward_keep_the_case_as_it_was_left(visit: Visit) -> None:
    page = visit.start()
    fill_in(page)
    page.get_by_role("link", name="Options", exact=True).click()
    page.get_by_label("A result or finding").fill("no fever")
    page.get_by_role("button", name="For the patient").click()
    expect(page.get_by_role("heading", name="Your white blood cells")).to_be_focused()
    page.evaluate("history.back()")
    expect(page.locator("h1")).to_contain_text("Febrile neutropenia")
    expect(page.get_by_label("A result or finding")).to_have_value("no fever")
    page.evaluate("history.go(-2)")  # over the jump to the options
    expect(page.get_by_label("Age")).to_have_value("34 years")
    expect(page).to_have_title("Enter a count · leukon")
    page.evaluate("history.go(3)")
    expect(page.get_by_role("heading", name="Your white blood cells")).to_be_visible()
    page.get_by_role("button", name="For the clinician").click()
    expect(page.locator(".banner")).to_contain_text("EMERGENCY")


def test_a_server_that_is_gone_is_said_and_what_was_typed_is_kept(visit: Visit) -> None:
    page = visit.start()
    page.get_by_label("One line a draw").fill(LINE)
    page.route("**/answer", lambda route: route.abort())
    page.locator("button.main").click()
    expect(page.get_by_role("status")).to_contain_text("What was typed is still here")
    expect(page.get_by_label("One line a draw")).to_have_value(LINE)
    page.unroute("**/answer")
    page.locator("button.main").click()
    expect(page.locator(".banner")).to_be_visible()
    visit.complaints = [c for c in visit.complaints if "ERR_FAILED" not in c]


def test_nothing_of_a_case_stays_in_the_browser(visit: Visit) -> None:
    page = visit.start()
    fill_in(page)
    page.get_by_label("A result or finding").fill("fever")
    page.get_by_role("button", name="Try", exact=True).click()
    page.wait_for_selector(".changed")
    kept = page.evaluate("[localStorage.length, Object.values(sessionStorage), document.cookie, location.href]")
    assert kept == [0, ["/"], "", f"{visit.address}/"], "htmx keeps the path of the page"
