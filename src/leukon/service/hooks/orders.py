"""The cards of `order-select` and `order-sign`: a drug that lowers counts, ordered while they are low.

What is said comes from the knowledge: the options whose condition names the drug or its class and holds, what the drug
does to neutrophils and how often, what does not go with it, and what its label asks to count. A drug that does none of
this is passed over in silence; so is one that lowers neutrophils more rarely than 1 in 1,000 ("rare" in the frequency
words of product information, CIOMS 1995) and one given for infection, unless an option names it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from leukon.answer import Care, CountRow, Report
from leukon.assess import assess
from leukon.knowledge import Knowledge, load_knowledge
from leukon.knowledge.schema import DrugFact, Figure, Rule, When
from leukon.patient import Patient
from leukon.policy import Policy
from leukon.report.words import KINDS, OWNERS, show_number
from leukon.service.hooks.markdown import cut, list_items, plain
from leukon.service.hooks.write import (
    OLD_DAYS,
    About,
    Resource,
    count_age,
    end_detail,
    link_sources,
    make_card,
    propose_test,
    say_date,
)

__all__ = ["make_order_cards"]

_MOST_CARDS = 3
_MOST_OPTIONS = 3
_MOST_RULES = 3
_MOST_CITED = 70  # letters
_RARE = 0.001
_SILENT_KINDS = ("continue drug", "supply", "prevent")
_NEXT_CYCLE = ("chemotherapy_delay", "policy_next_cycle_wait", "policy_next_cycle_platelets")
"""Options on a cycle that may have to wait: they speak of every cytotoxic drug that is ordered."""
_DEEP = ("neutropenia, severe", "neutropenia, profound", "agranulocytosis")
_ORDER = ("critical", "warning", "info")
_NAMES = {"neutrophils": "neutrophils", "wbc": "white cells"}


@dataclass(frozen=True, slots=True)
class _Concern:
    """What is to be said of one drug that is ordered."""

    drug: DrugFact
    options: tuple[Care, ...]
    lowers: bool  # neutrophils, often enough to be said
    clashes: tuple[str, ...]  # "with valproate: …"
    indicator: str


def make_order_cards(
    patient: Patient, drafts: dict[str, bool], about: About, *, signing: bool, policy: Policy | None = None
) -> list[Resource]:
    """One card for each drug that asks for one, the most pressing first, at most three.

    `drafts` are the paths of the drafted drugs in the patient, true for those that were chosen: the others only tell
    what else is about to be taken. The person is assessed twice: as he is, and with the drafts taken from now on.
    """
    k = load_knowledge()
    drugs = tuple(replace(d, start=patient.now, stop=None) if d.name.path in drafts else d for d in patient.drugs)
    as_is = replace(patient, drugs=tuple(d for d in patient.drugs if d.name.path not in drafts))
    before = assess(as_is, policy=policy, knowledge=k)
    after = assess(replace(patient, drugs=drugs), policy=policy, knowledge=k)
    named = {u.path: [a[5:] for a in (u.as_, *u.also) if a.startswith("drug:")] for u in after.understood}
    chosen = list(dict.fromkeys(d for path, on in drafts.items() if on for d in named.get(path, ())))
    taken = {d for path, ids in named.items() for d in ids if path.endswith(".medication")}
    count = _find_count(before)
    found = [c for d in chosen if (c := _look_at(k.drugs[d], before, after, count, taken - {d}, k, signing))]
    found.sort(key=lambda c: _ORDER.index(c.indicator))
    left = [c.drug.name for c in found[_MOST_CARDS:]]
    return [_write_card(c, before, count, about, k, policy, left) for c in found[:_MOST_CARDS]]


def _find_count(report: Report) -> CountRow | None:
    """The newest neutrophils, else the newest white cells."""
    newest = {row.analyte: row for row in report.counts}
    return newest.get("neutrophils") or newest.get("wbc")


def _look_at(
    drug: DrugFact,
    before: Report,
    after: Report,
    count: CountRow | None,
    others: set[str],
    k: Knowledge,
    signing: bool,
) -> _Concern | None:
    """What there is to say of this drug, or None."""
    low = count is not None and count.status == "low"
    options = tuple(_find_options(drug, before, after, k))
    lowers = _lowers(drug, k)
    uncounted = signing and count is None and lowers and bool(drug.monitoring)
    if not options and not (low and lowers) and not uncounted:
        return None
    clashes = tuple(_find_clashes(drug, others, k)) if low or options else ()
    return _Concern(drug, options, lowers, clashes, _choose_indicator(options, low, before))


def _find_options(drug: DrugFact, before: Report, after: Report, k: Knowledge) -> Iterator[Care]:
    """Options on this drug: those that hold once it is taken, and those on what the person took before.

    What is said of a culprit (an option of `each_drug`) counts only for a drug that was on the record already: one that
    is only ordered has done nothing yet. What is said of a drug that raises counts speaks of reading them, not of
    giving it.
    """
    if drug.raises_count:
        return
    known = {option.id: option for option in k.care}
    for care in after.care:
        option = known[care.id]
        speaks = _names(option.when, drug) or (drug.purpose == "cytotoxic" and care.id in _NEXT_CYCLE)
        if not option.each_drug and speaks and care.kind not in _SILENT_KINDS:
            yield care
    for care in before.care:
        option = known[care.id]
        speaks = care.drug == drug.name or _names_class(option.when, drug)
        if option.each_drug and speaks and care.kind not in _SILENT_KINDS:
            yield care


def _names(when: When, drug: DrugFact) -> bool:
    """Does the condition ask for this drug or its class?"""
    if when.drug == drug.id or when.drug_class == drug.class_:
        return True
    return any(_names(inner, drug) for inner in (*when.all, *when.any))


def _names_class(when: When, drug: DrugFact) -> bool:
    return when.drug_class == drug.class_ or any(_names_class(inner, drug) for inner in (*when.all, *when.any))


def _lowers(drug: DrugFact, k: Knowledge) -> bool:
    """Does it lower neutrophils at least in 1 of 1,000 who take it, not being given for infection?"""
    return not drug.given_for_infection and any(_effects(drug, k))


def _effects(drug: DrugFact, k: Knowledge) -> Iterator[str]:
    """E.g. "drug agranulocytosis in 0.37 % (Author 2001)" for each effect on neutrophils that is not rare."""
    for effect in drug.effects:
        profile = k.profiles[effect.profile]
        shift = profile.shifts.get("neutrophils")
        if effect.incidence.p >= _RARE and shift is not None and shift.mean < 0:
            often = show_number(100 * effect.incidence.p)
            yield f"{plain(profile.name)} in {often} % ({_cite(effect.incidence, k)})"


def _find_clashes(drug: DrugFact, others: set[str], k: Knowledge) -> Iterator[str]:
    for other in sorted(others & k.drugs.keys()):
        said = drug.interacts.get(other) or k.drugs[other].interacts.get(drug.id)
        if said:
            yield f"with {plain(k.drugs[other].name)}: {plain(said)}"


def _choose_indicator(options: Sequence[Care], low: bool, report: Report) -> str:
    deep = low and any(state in report.states for state in _DEEP)
    if deep:
        return "critical"
    acts = any(care.kind != "monitor" or care.id in _NEXT_CYCLE for care in options)
    moderate = low and "neutropenia, moderate" in report.states
    return "warning" if acts or moderate else "info"


def _write_card(
    c: _Concern,
    report: Report,
    count: CountRow | None,
    about: About,
    k: Knowledge,
    policy: Policy | None,
    left: Sequence[str],
) -> Resource:
    age = count_age([count], about.today) if count else None
    rules = _sort_rules(c.drug, policy)
    effects = list(_effects(c.drug, k))
    parts = [
        f"**{plain(c.drug.name)}** is being ordered. {_say_count(count)} {say_date(age) if count else ''}".strip(),
        _say_options(c.options),
        f"**What it does to neutrophils**\n\n{list_items(effects)}" if effects else "",
        f"**Does not go well**\n\n{list_items(c.clashes)}" if c.clashes else "",
        f"**What labels and guidelines ask**\n\n{list_items(_say_rule(r, k) for r in rules)}" if rules else "",
        f"Also ordered, with something to say: {plain(', '.join(left))}." if left else "",
        end_detail(report, about),
    ]
    old = count is None or age is None or age[1] > OLD_DAYS
    repeat = k.tests["repeat_count"]
    proposed = [propose_test(about, repeat.id, repeat.name, f"{c.drug.name} is ordered", "routine", k)] if old else []
    cited = [*(s for o in c.options for s in o.sources), *(r.source for r in rules if r.source)]
    return make_card(
        about,
        _summarise(c, count),
        "\n\n".join(part for part in parts if part),
        c.indicator,
        proposals=proposed,
        links=link_sources(cited, k.sources),
    )


def _summarise(c: _Concern, count: CountRow | None) -> str:
    if count is None:
        head = "no neutrophil count was found"
    else:
        limit = f", limit {show_number(count.limit.lower)}" if count.limit and count.limit.lower is not None else ""
        head = f"{_NAMES[count.analyte]} {count.censored or ''}{show_number(count.value)} ({count.status}{limit})"
    first = f". {c.options[0].option}" if c.options else ""
    return f"{c.drug.name} ordered, {head}{first}"


def _say_count(count: CountRow | None) -> str:
    if count is None:
        return "No count of neutrophils or white cells was sent."
    limit = count.limit
    whose = f", limit {show_number(limit.lower)} ({OWNERS[limit.owner]})" if limit and limit.lower is not None else ""
    value = f"{count.censored or ''}{show_number(count.value)}"
    return f"{_NAMES[count.analyte].capitalize()} {value}: {count.status} for this person{whose}."


def _say_options(options: Sequence[Care]) -> str:
    if not options:
        return ""
    lines = (
        f"{KINDS[o.kind]}: {plain(o.option)} ({plain(o.jurisdiction)}, {plain(o.date)}), because {plain(o.because)}"
        + (f". *Caution: {plain(o.caution)}*" if o.caution else "")
        for o in options[:_MOST_OPTIONS]
    )
    return f"**To consider**\n\n{list_items(lines)}"


def _sort_rules(drug: DrugFact, policy: Policy | None) -> list[Rule]:
    """The rules of the site's own place first."""
    here = policy.jurisdiction if policy else None
    return sorted(drug.monitoring, key=lambda r: bool(here) and here not in r.jurisdiction)[:_MOST_RULES]


def _say_rule(rule: Rule, k: Knowledge) -> str:
    return f"{plain(rule.text)} ({plain(rule.jurisdiction)}, {plain(rule.date)}; {_cite(rule, k)})"


def _cite(figure: Figure, k: Knowledge) -> str:
    """The title of the source, or why there is none."""
    if figure.source in k.sources:
        return plain(cut(k.sources[figure.source].citation, _MOST_CITED))
    return f"estimate: {plain(cut(figure.because or 'no figure exists', _MOST_CITED))}"
