"""Each item of evidence names the figure behind it."""

from __future__ import annotations

from leukon.assess import assess
from leukon.causes.background import raise_background
from leukon.causes.observe import Observation, Observed
from leukon.causes.table import build_table
from leukon.io import read_record
from leukon.knowledge import load_knowledge


def test_the_causes_own_figure_is_named_where_it_has_one() -> None:
    k = load_knowledge()
    report = assess(read_record("counts: [{wbc: 2.5}]\nfindings: {present: [fever]}\ndrugs: [methimazole]"))
    for cause in report.causes:
        fact = k.causes.get(cause.id)
        if fact is None or "fever" not in fact.findings or fact.findings["fever"].p <= k.findings["fever"].leak.p:
            continue
        for item in (*cause.for_, *cause.against):
            if item.item == "fever":
                assert item.sure == fact.findings["fever"].sure
                assert item.source == (fact.findings["fever"].source or "estimate")


def test_a_source_is_named_by_every_confirmed_item_and_listed() -> None:
    report = assess(read_record("counts: [{wbc: 1.2, platelets: 20, hemoglobin: 8}]\nfindings: [fever, petechiae]"))
    items = [e for c in report.causes[:5] for e in (*c.for_, *c.against)]
    listed = {s.id for s in report.sources}
    assert items
    for item in items:
        assert item.sure in ("confirmed", "literature", "estimate")
        if item.sure != "estimate":
            assert item.source in listed


def test_an_infection_in_someone_without_neutrophils_tells_less_of_its_cause() -> None:
    """Fever is what neutrophils of 0.05 lead to: its background rises, nothing else's does."""
    k = load_knowledge()
    table = build_table(k)
    none = Observed((Observation("neutrophils 0.05", ("neutrophils",), -4.4, (3.9,), 0.4),), 0.0)
    some = Observed((Observation("neutrophils 3", ("neutrophils",), -0.3, (3.9,), 0.4),), 0.0)
    fever, rash = table.findings["fever"], table.findings["rash"]
    assert raise_background(none, table, k)[fever] > table.leak[fever]
    assert raise_background(none, table, k)[rash] == table.leak[rash]
    assert (raise_background(some, table, k) == table.leak).all()
