"""What to consider doing: options with condition, caution and source. They inform a professional; none is an order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace

from leukon.answer import Care
from leukon.causes import Ranking
from leukon.knowledge import Knowledge
from leukon.knowledge.schema import CareOption, DrugFact
from leukon.policy import Policy
from leukon.rules import Situation, holds

__all__ = ["list_options"]

_CULPRIT = 0.05  # a drug this likely to be acting is named as a culprit


def list_options(
    ranking: Ranking, situation: Situation, k: Knowledge, policy: Policy | None = None
) -> tuple[tuple[Care, ...], tuple[str, ...]]:
    """Every option whose condition holds, most pressing first; one per culprit drug where the option says so.

    With them what a site's policy has left out, each with the reason. Guidance of other places stands last and says
    so: safety advice is not lost at a border.
    """
    made: list[tuple[int, int, Care]] = []
    alone = _situations_alone(ranking, situation, k)
    for place, option in enumerate(k.care):
        if option.each_drug:
            made += [(option.rank, place, care) for care in _for_drugs(option, alone)]
        elif holds(option.when, situation):
            made.append((option.rank, place, _care(option, None)))
    made.sort(key=lambda m: (m[0], m[1]))
    if policy is None:
        return tuple(care for _, _, care in made), ()
    own: list[Care] = []
    elsewhere: list[Care] = []
    left_out: list[str] = []
    missing = {name.lower() for name in policy.not_available}
    for _, place, care in made:
        option = k.care[place]
        if lacking := [u for u in option.uses if u.lower() in missing]:
            left_out.append(f"{care.option}: {', '.join(lacking)} not available at {policy.name}")
        elif policy.jurisdiction and care.jurisdiction not in ("international", policy.jurisdiction):
            caution = f"{care.caution} Guidance of {care.jurisdiction}, not of {policy.jurisdiction}."
            elsewhere.append(replace(_by_policy(care, option, policy), caution=caution))
        else:
            own.append(_by_policy(care, option, policy))
    return (*own, *elsewhere), tuple(left_out)


def _by_policy(care: Care, option: CareOption, policy: Policy) -> Care:
    """The option in the site's own words: its thresholds, its choice of a class."""
    text = care.option
    for name, value in asdict(policy.thresholds).items():
        text = text.replace("{" + name + "}", f"{value:g}" if value is not None else "")
    choices = {u: choice for u in option.uses for c, choice in policy.preferred.items() if c.lower() == u.lower()}
    chosen = "; ".join(f"{u} here: {choice}" for u, choice in choices.items())
    return replace(care, option=f"{text} ({chosen})" if chosen else text)


def _situations_alone(ranking: Ranking, situation: Situation, k: Knowledge) -> list[tuple[DrugFact, Situation]]:
    """Each drug that may be acting, likely first, with the situation in which it alone is on the record."""
    culprits = [
        (p, name[5:]) for name, p in ranking.probabilities.items() if name.startswith("drug:") and p >= _CULPRIT
    ]
    made: list[tuple[DrugFact, Situation]] = []
    for _, name in sorted(culprits, key=lambda item: (-item[0], item[1])):
        drug = k.drugs[name]
        classes = {drug.class_}
        if drug.do_not_stop:
            classes.add("may not be stopped abruptly")
        if drug.purpose == "cytotoxic":
            classes.add("cytotoxic")
        made.append((drug, replace(situation, drugs=frozenset({drug.id}), drug_classes=frozenset(classes))))
    return made


def _for_drugs(option: CareOption, alone: list[tuple[DrugFact, Situation]]) -> Iterator[Care]:
    """The option for each drug that may be acting; `when` is asked with that drug alone on the record."""
    for drug, situation in alone:
        if holds(option.when, situation):
            care = _care(option, drug.name)
            caution = f"{care.caution} {drug.name}: {drug.do_not_stop}." if drug.do_not_stop else care.caution
            yield replace(care, option=option.option.replace("{drug}", drug.name), caution=caution)


def _care(option: CareOption, drug: str | None) -> Care:
    return Care(
        id=option.id,
        option=option.option,
        kind=option.kind,
        drug=drug,
        because=option.because,
        caution=option.caution,
        sources=option.sources,
        jurisdiction=option.jurisdiction,
        date=option.date,
    )
