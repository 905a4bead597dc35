"""Published models give the published courses: 1e-3 on the default grid, 1e-6 in the accurate mode."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("jax")

from leukon.marrow import Person, find_model, person_parameters, read_schedule, simulate
from leukon.marrow.colijn import colijn_start
from leukon.marrow.craig import craig_start
from leukon.marrow.delays import solve_delayed
from leukon.marrow.dose import Dose

from .reference import read_course, worst

_ALSO = {"melhem2018_fil300_healthy", "harrold2020_0Gy_filgrastim5ugkg_d1_5", "harrold2020_3.07Gy_noGCSF",
         "krzyzanski2010_filgrastim_sc_350ug_x7", "melhem2018_peg6mg_healthy"}  # fmt: skip
_DOCETAXEL = {
    "friberg2002_docetaxel_linear": "friberg-2002-docetaxel",
    "friberg2002_docetaxel_emax": "friberg-2002-docetaxel-emax",
    "kloft2006_docetaxel": "kloft-2006-docetaxel",
    "puisset2007_docetaxel": "puisset-2007-docetaxel",
}
CASES: list[tuple[str, str, str, list[str]]] = [
    *(
        (f"{file}_{mg}mgm2", "circ", model, [f"docetaxel {mg} mg/m2 day 0"])
        for file, model in _DOCETAXEL.items()
        for mg in (60, 75, 100)
    ),
    ("friberg2002_docetaxel_linear_100mgm2_q21x6", "circ", "friberg-2002-docetaxel",
     ["docetaxel 100 mg/m2 every 21 days x6"]),
    ("friberg2002_docetaxel_linear_180mg_bolus", "circ", "friberg-2002-docetaxel", ["docetaxel 180 mg bolus day 0"]),
    *((f"quartino2014_docetaxel_{mg}mgm2", "circ", "quartino-2014", [f"docetaxel {mg} mg/m2 day 0"])
      for mg in (60, 80, 100)),
    *((f"krzyzanski2010_filgrastim_sc_{ug}ug_x1", "anc_1e9L", "krzyzanski-2010-filgrastim",
       [f"filgrastim {ug} ug day 0"]) for ug in (75, 150, 375, 750)),
    *((f"krzyzanski2010_filgrastim_sc_{ug}ug_x7", "anc_1e9L", "krzyzanski-2010-filgrastim",
       [f"filgrastim {ug} ug daily for 7 days"]) for ug in (350, 375)),
    ("melhem2018_fil300_healthy", "anc", "melhem-2018-filgrastim", ["filgrastim 300 ug day 1"]),
    ("melhem2018_fil300x7_healthy", "anc", "melhem-2018-filgrastim", ["filgrastim 300 ug day 1-7"]),
    ("melhem2018_peg6mg_healthy", "anc", "melhem-2018-pegfilgrastim", ["pegfilgrastim 6 mg day 1"]),
    ("melhem2018_peg6mg_chemoPopParams_nochemo", "anc", "melhem-2018-pegfilgrastim-patients",
     ["pegfilgrastim 6 mg day 1"]),
    ("harrold2020_3.07Gy_noGCSF", "anc_1e9L", "harrold-2020-radiation", ["radiation 3.07 Gy day 0"]),
    ("harrold2020_6Gy_noGCSF", "anc_1e9L", "harrold-2020-radiation", ["radiation 6 Gy day 0"]),
    ("harrold2020_3.07Gy_filgrastim5ugkg_d1_28", "anc_1e9L", "harrold-2020-radiation",
     ["radiation 3.07 Gy day 0", "filgrastim 5 ug/kg day 1-28"]),
    ("harrold2020_0Gy_filgrastim5ugkg_d1_5", "anc_1e9L", "harrold-2020-radiation", ["filgrastim 5 ug/kg day 1-5"]),
]  # fmt: skip


@pytest.mark.parametrize(("accurate", "most"), [(False, 1e-3), (True, 1e-6)], ids=["default", "accurate"])
@pytest.mark.parametrize(("file", "column", "model", "lines"), CASES, ids=[case[0] for case in CASES])
def test_a_published_model_gives_its_reference_course(
    shared: Path, file: str, column: str, model: str, lines: list[str], accurate: bool, most: float
) -> None:
    if accurate and file in _ALSO and not os.environ.get("LEUKON_CAMPAIGN"):
        pytest.skip("another file tests the same equations; all are tested in the campaign")
    days, wanted = read_course(shared, file, column)
    doses = [dose for line in lines for dose in read_schedule(line, float(days[-1]))]
    used = find_model(model)
    if model == "harrold-2020-radiation":  # its reference counts 53.2 pmol for each µg, 18.797 kDa instead of 18.8
        parts = tuple(replace(p, molar_mass=1e6 / 53.2) if p.molar_mass else p for p in used.parts)
        used = replace(used, parts=parts)
    assert worst(simulate(used, doses, times=days, accurate=accurate).count, wanted) <= most


@pytest.mark.parametrize(("accurate", "most"), [(False, 1e-3), (True, 1e-6)])
def test_paclitaxel_leukocytes_follow_the_first_person_of_the_bundle(shared: Path, accurate: bool, most: float) -> None:
    """That person's own unbound kinetics and 410 µmol at 137 µmol/h."""
    days, wanted = read_course(shared, "friberg2002_paclitaxel_leukocytes_DDMODEL186_id1", "wbc")
    dose = Dose("paclitaxel", 0.0, 410 * 0.8539, hours=410 / 137)
    own = {"cl": 471.0, "v1": 545.0, "v2": 909.0}
    course = simulate("friberg-2002-paclitaxel-leukocytes", [dose], times=days, accurate=accurate, values=own)
    assert worst(course.count, wanted) <= most


@pytest.mark.parametrize(("accurate", "most"), [(False, 1e-3), (True, 1e-6)])
@pytest.mark.parametrize(
    ("file", "model", "mg"),
    [
        ("mono_1000", "arshad-2020-fluorouracil-leukocytes", 1000),
        ("mono_650", "arshad-2020-fluorouracil-leukocytes", 650),
        ("comb_cisplatin_1000", "arshad-2020-fluorouracil-cisplatin-leukocytes", 1000),
    ],
)
def test_five_days_of_fluorouracil_at_the_papers_body_surface(
    shared: Path, file: str, model: str, mg: int, accurate: bool, most: float
) -> None:
    days, wanted = read_course(shared, f"arshad2020_5FU_leukocytes_{file}", "wbc")
    doses = read_schedule(f"5-FU {mg} mg/m2/day over 5 days day 0", 70)
    course = simulate(model, doses, person=Person(1.95), times=days, accurate=accurate)
    assert worst(course.count, wanted) <= most


@pytest.mark.parametrize(("ug", "accurate"), [(300, False), (375, False), (750, False), (375, True)])
def test_filgrastim_with_moving_delays_follows_craig(shared: Path, ug: int, accurate: bool) -> None:
    """The reference comes from another solver of delay equations, itself no better than 2e-4."""
    p = person_parameters(find_model("craig-2016"), Person())
    file, names = f"craig2016_gcsf_sc_{ug}ug", ("Q", "Nr", "N", "G1", "ANC")
    columns = {name: read_course(shared, file, name, 2.4) for name in names}
    days, wanted = columns["ANC"]
    start, drift = craig_start(p), np.zeros(7)
    start[:4] = [columns[name][1][0] for name in ("Q", "Nr", "N", "G1")]
    drift[0] = (columns["Q"][1][1] - columns["Q"][1][0]) / 0.1  # stem cells were still settling
    rows = solve_delayed("craig", p, [[(0.0, float(ug), 0.0)]], days, accurate, start, drift)
    assert worst(rows[0], wanted) <= (4e-4 if accurate else 1e-3)


@pytest.mark.parametrize(
    ("k0", "low", "high", "period"), [(2.0, 0.107292, 1.57271, 17.0245), (2.5, 0.080643, 1.86937, 17.2227)]
)
def test_few_divisions_make_the_stem_cells_of_colijn_and_mackey_cycle(
    k0: float, low: float, high: float, period: float
) -> None:
    p = person_parameters(find_model("colijn-mackey-2005"), Person(), {"k0": k0, "a_n": 752 * 0.03})
    days = np.arange(0.0, 1200.01, 0.1)
    counts = solve_delayed("colijn-mackey", p, [], days, start=colijn_start(p) * np.array([1.05, 1, 1, 1]))[0]
    late = counts[days > 800]
    peaks = np.flatnonzero((late[1:-1] > late[:-2]) & (late[1:-1] >= late[2:]) & (late[1:-1] > 1)) + 1
    assert late.min() == pytest.approx(low, rel=2e-3)
    assert late.max() == pytest.approx(high, rel=2e-3)
    assert np.diff(days[days > 800][peaks]).mean() == pytest.approx(period, rel=1e-3)


@pytest.mark.parametrize(
    ("model", "line", "nadir"),
    [
        ("melhem-2018-filgrastim-patients", None, 0.25407159157615095),
        ("melhem-2018-filgrastim-patients", "filgrastim 300 ug day 1-10", 0.10671454976012579),
        ("melhem-2018-pegfilgrastim-patients", "pegfilgrastim 6 mg day 1", 0.09840891971264341),
    ],
)
def test_g_csf_after_chemotherapy_deepens_and_shortens_the_nadir(model: str, line: str | None, nadir: float) -> None:
    lines = ["chemotherapy 75 mg/m2 day 0", *([line] if line else [])]
    doses = [dose for text in lines for dose in read_schedule(text, 28)]
    course = simulate(model, doses, person=Person(1.9), days=28, every_hours=1)
    assert course.count.min() == pytest.approx(nadir, rel=1e-3)
