"""The shape of what leukon knows.

Frozen dataclasses serve twice: `leukon.knowledge.check` validates the YAML against them (with pydantic, errors with
file and line) and `leukon.knowledge.load` decodes the compiled form into them. A figure carries its source, or says
why none exists; nothing without one of the two can be constructed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

__all__ = [
    "FAMILIES", "LINEAGES", "THRESHOLDS", "AgeOdds", "Baseline", "CareOption", "CauseFact", "Claim",
    "ConditionFact", "Consequence", "DrugEffect", "DrugFact", "Figure", "FindingFact", "Frequency", "HpoTerm",
    "Indication", "Knowledge", "Prior", "Profile", "Question", "Ratio", "RedFlag", "Rule", "Score", "ScoreBand",
    "ScoreItem", "Shift", "SourceFact", "TestFact", "TestLimit", "When", "Window",
]  # fmt: skip

LINEAGES = (
    "neutrophils", "lymphocytes", "monocytes", "eosinophils", "basophils", "hemoglobin", "mcv", "platelets",
    "reticulocytes",
)  # fmt: skip

FAMILIES = (
    "cytotoxic_chemotherapy", "radiation", "drug_induced_nonchemo", "viral_infection", "hiv", "bacterial_sepsis",
    "tuberculosis", "other_infection", "b12_deficiency", "folate_deficiency", "copper_deficiency",
    "malnutrition_alcohol", "hypersplenism_liver", "autoimmune_sle", "rheumatoid_felty", "other_autoimmune",
    "aplastic_anemia", "pnh", "acute_leukemia", "hairy_cell", "lgl_leukemia", "lymphoma_marrow_infiltration",
    "myeloma", "myelofibrosis", "mds", "congenital_neutropenia", "whim_myelokathexis", "other_inborn_error",
    "cyclic_neutropenia", "duffy_null_benign", "pseudoleukopenia_artifact", "hlh", "sarcoidosis", "endocrine",
    "other", "no_leukopenia",
)  # fmt: skip

THRESHOLDS = ("next_cycle_anc", "next_cycle_platelets", "treat_anc")  # those of a site's policy (leukon.policy)

Sure = Literal["confirmed", "literature", "estimate"]
Tempo = Literal["hours", "weeks", "months", "years"]  # < 2 weeks, 2 weeks to 3 months, 3 to 12 months, longer
Level = Literal["emergency", "same day", "urgent", "soon", "routine", "none"]
Kind = Literal["finding", "exposure", "trait", "result", "film", "marrow", "sample", "course", "restates count"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What every figure carries: where it was read and how sure it is, or why it is an estimate."""

    source: str | None = None  # id of a SourceFact
    locator: str | None = None  # page, table, "abstract"
    population: str | None = None
    printed: str | None = None  # the number as the source prints it
    sure: Sure = "estimate"
    because: str | None = None  # an estimate says why no figure exists
    checked: str | None = None  # ISO date

    def __post_init__(self) -> None:
        if self.sure == "estimate" and not self.because:
            raise ValueError("an estimate must say why no figure exists (because: …), or name a source and set sure:")
        if self.sure != "estimate" and not self.source:
            raise ValueError(f"a {self.sure} figure needs a source")
        if self.sure == "confirmed" and not (self.locator and self.printed):
            raise ValueError("a confirmed figure needs locator (page or table) and printed (the number as printed)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Frequency(Figure):
    """How often, 0 to 1."""

    p: float

    def __post_init__(self) -> None:
        Figure.__post_init__(self)
        if not 0 <= self.p <= 1:
            raise ValueError(f"p must lie between 0 and 1, not {self.p}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio(Figure):
    """A multiplier of odds; below 1 speaks against."""

    times: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeOdds(Ratio):
    from_years: float = 0.0
    to_years: float = 130.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior(Figure):
    """Per 1,000 people tested in this setting, acting on the count now."""

    per_1000: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift(Figure):
    """The shift of the natural logarithm of one lineage in those the cause acts on: mean and spread (sd)."""

    mean: float
    sd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Window(Figure):
    """Days from start of a drug to the low count: about 5th, 50th and 95th centile; all None = any time while taken."""

    low: float | None = None
    median: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFact:
    id: str
    citation: str
    doi: str | None = None
    pmid: str | None = None
    url: str | None = None
    seen: bool = False  # read by us (or a retrieved excerpt of it), as against quoted from memory


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingFact:
    """A finding, exposure, trait or result that can be present, absent or not known.

    `leak` is how often it is noted in people tested who have none of the causes. Findings of one `cluster` say the
    same thing. `parents` are wider findings it implies ("massive splenomegaly" implies "splenomegaly").
    """

    id: str
    name: str
    kind: Kind
    cluster: str
    leak: Frequency
    synonyms: tuple[str, ...] = ()
    hpo: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()  # "ICD10CM:…", "SNOMED:…"
    parents: tuple[str, ...] = ()
    opposite: str | None = None  # the finding that is present when this is denied, if any
    at_most: dict[str, float] = field(default_factory=dict[str, float])  # a word that restates counts: analyte -> bound
    lasts_days: float | None = None  # an exposure longer ago, or said to be past, no longer counts
    only_in: tuple[str, ...] = ()  # specimens in whose reports the words mean this ("left shift" of the blood)
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How a cause, or one way in which a drug acts, looks: counts, findings, tempo."""

    id: str
    name: str
    mechanism: Literal[
        "production down", "maturation block", "destruction up", "sequestration", "margination", "release failure",
        "artefact", "variant", "redistribution",
    ]  # fmt: skip
    shifts: dict[str, Shift]  # by lineage
    findings: dict[str, Frequency] = field(default_factory=dict[str, Frequency])
    against: dict[str, Ratio] = field(default_factory=dict[str, Ratio])
    tempo: dict[Tempo, float] = field(default_factory=dict[Tempo, float])
    acute: bool = False  # drugs: the fall itself takes days (D = 10), not months (D = 90)
    must_not_miss: bool = False
    estimates: str | None = None  # why bare numbers in this entry are estimates
    summary: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseFact(Profile):
    """A cause: something that acts on the count now."""

    family: str
    prior: dict[str, Prior]  # by setting; "any" always
    ages: tuple[AgeOdds, ...] = ()
    sex: dict[Literal["female", "male"], Ratio] = field(default_factory=dict[Literal["female", "male"], Ratio])
    raised_by: dict[str, Ratio] = field(default_factory=dict[str, Ratio])  # finding or condition -> odds
    needs: tuple[str, ...] = ()  # any of these must be present: the exposure a cause is bound to
    untold: float = 0.0  # share of the prior left while that exposure is neither told nor denied (cocaine)
    travels_with: tuple[str, ...] = ()  # causes that come together: no cost for the second one
    triggers: tuple[str, ...] = ()  # findings ("fever + travel_africa") that show a dangerous cause however unlikely
    confirm: tuple[str, ...] = ()  # tests
    urgency: Level = "routine"
    recovery: str | None = None
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionFact:
    """A known disease: not evidence by itself; it sets how often that disease lowers the count (`acts`).

    A code of ICD-10 stands for all below it that no other entry names: give "ICD10CM:M32", not each of M32.0 to M32.9.
    """

    id: str
    name: str
    synonyms: tuple[str, ...] = ()
    hpo: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    acts: dict[str, Frequency] = field(default_factory=dict[str, Frequency])  # cause -> P(lowers the count now)
    findings: tuple[str, ...] = ()  # findings that this disease makes present ("small cell lung cancer" -> cancer)
    alters: tuple[str, ...] = ()  # lineages whose values this disease explains (thalassaemia: hemoglobin, mcv)
    lasts_days: float | None = None  # an acute illness longer ago, or said to be past, no longer counts
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DrugEffect:
    profile: str
    incidence: Frequency  # among those who take it (per course, or at any time for an any-time window)
    window: Window
    late: bool = False  # it comes after the drug has been stopped: the window counts from the last dose


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Figure):
    """What a label or guideline says to watch and when to stop; with place and date."""

    text: str
    jurisdiction: str
    date: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrugFact:
    id: str
    name: str
    synonyms: tuple[str, ...] = ()  # brands, abbreviations, spellings
    class_: str
    atc: tuple[str, ...] = ()
    rxnorm: tuple[str, ...] = ()
    purpose: Literal["cytotoxic", "other"] = "other"
    effects: tuple[DrugEffect, ...] = ()  # empty: not known to lower white cells
    raises: dict[str, Ratio] = field(default_factory=dict[str, Ratio])  # cause -> odds
    raised_by: dict[str, Ratio] = field(default_factory=dict[str, Ratio])  # finding -> odds of all its effects
    family: str | None = None  # where it is not that of a drug: radium counts as radiation
    interacts: dict[str, str] = field(default_factory=dict[str, str])  # drug -> what happens
    findings: tuple[str, ...] = ()  # findings it makes present ("zinc" -> zinc intake)
    raises_count: str | None = None  # "G-CSF raises neutrophils: …" is said beside the count
    given_for_infection: bool = False  # a drug begun for the infection itself is discounted
    do_not_stop: str | None = None  # why it may not be stopped abruptly, or at all
    members: tuple[str, ...] = ()  # a class or a regimen: the drugs it stands for
    monitoring: tuple[Rule, ...] = ()
    recovery: str | None = None
    estimates: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TestLimit(Figure):
    __test__ = False
    lower: float | None = None
    upper: float | None = None
    sex: str | None = None
    from_years: float = 0.0
    to_years: float = 130.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TestFact:
    """A test: how it is named, read against which limits, and which finding each result is."""

    __test__ = False
    id: str
    name: str
    synonyms: tuple[str, ...] = ()
    loinc: tuple[str, ...] = ()
    kind: Literal["quantity", "titre", "qualitative", "report"]
    unit: str | None = None
    units: dict[str, float] = field(default_factory=dict[str, float])  # other units -> factor to `unit`
    usual_units: tuple[str, ...] = ()  # those that a number without a unit may be in, where not all of them
    limits: tuple[TestLimit, ...] = ()
    normal: str | None = None  # finding when a report is normal as a whole
    positive: str | None = None  # finding when positive, reactive, detected; absent when negative
    high: str | None = None
    low: str | None = None
    above: dict[str, float] = field(default_factory=dict[str, float])  # finding -> above this value
    below: dict[str, float] = field(default_factory=dict[str, float])
    specimen: str = "blood"
    burden: Literal["none", "blood draw", "urine", "swab", "imaging", "marrow", "biopsy", "genetic"] = "blood draw"
    line: Literal[0, 1, 2, 3] = 1
    turnaround: str | None = None
    because: str | None = None  # what it settles
    suggest: bool = True  # False: read when given, never proposed (a pulse, a word for a count)
    sources: tuple[str, ...] = ()
    estimates: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """A typed condition: every field given must hold; `any` at least one, `none` not one of its members."""

    all: tuple[When, ...] = ()
    any: tuple[When, ...] = ()
    none: tuple[When, ...] = ()
    state: str | None = None  # a name from leukon.severity ("febrile neutropenia", "neutropenia, severe", …)
    verdict: str | None = None  # of leukon.artefact
    low: str | None = None
    cause: str | None = None  # with at_least
    family: str | None = None  # with at_least
    at_least: float | None = None  # probability
    drug: str | None = None  # a drug id on the record and not stopped
    drug_class: str | None = None
    finding: str | None = None
    absent: str | None = None  # a finding known to be absent
    condition: str | None = None
    analyte: str | None = None  # with below / from_
    below: float | None = None
    from_: float | None = None
    below_policy: str | None = None  # the count is below the site's threshold of this name; never without a policy
    from_policy: str | None = None
    age_below_years: float | None = None
    age_from_years: float | None = None
    urgency: str | None = None
    setting: str | None = None

    def __post_init__(self) -> None:
        bounds = (self.below, self.from_, self.below_policy, self.from_policy)
        if self.analyte is None and any(b is not None for b in bounds):
            raise ValueError("a condition with below: or from_: needs the analyte: it speaks of")


@dataclass(frozen=True, slots=True, kw_only=True)
class RedFlag(Figure):
    id: str
    level: Level
    said: str  # what the reader is told
    when: When


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    id: str
    question: str
    because: str
    settles: tuple[str, ...]  # findings it would settle
    when: When | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CareOption:
    id: str
    option: str
    kind: Literal["stop drug", "continue drug", "treat", "prevent", "refer", "monitor", "supply", "avoid"]
    when: When
    because: str
    caution: str
    sources: tuple[str, ...]
    jurisdiction: str
    date: str
    uses: tuple[str, ...] = ()  # what the option gives ("G-CSF"): a site may not have it, or prefer one of a class
    each_drug: bool = False  # one option per culprit drug that fulfils `when`
    rank: int = 50  # lower stands higher


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequence(Figure):
    """What a low count of one lineage leads to at one depth: infections to expect, signs to look for.

    `findings` are those that the depth itself brings, whatever its cause: they become that much commoner in everyone
    with such a count, and so tell less of the cause.
    """

    id: str
    lineage: str
    below: float  # 10*9/L (g/dL for haemoglobin), exclusive
    from_: float | None = None  # inclusive
    longer_than_days: float | None = None
    infections: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    findings: dict[str, Frequency] = field(default_factory=dict[str, Frequency])  # how often seen at this depth
    estimates: str | None = None  # why bare numbers in `findings` are estimates

    def __post_init__(self) -> None:
        Figure.__post_init__(self)
        if not self.because:
            raise ValueError("because: must give the figure or the mechanism behind it, in one sentence")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What popular articles say of low white cells, and what the evidence says."""

    id: str
    subject: Literal["definition", "cells", "cause", "drug", "symptom", "test", "treatment"]
    claim: str
    evidence: str
    verdict: Literal["supported", "partly", "not supported", "outdated"]
    sources: tuple[str, ...]
    links: tuple[str, ...] = ()  # entries of this knowledge that the claim is about ("drug:" before a drug)
    checked: str

    def __post_init__(self) -> None:
        if not self.sources:
            raise ValueError("a claim needs at least one source")


@dataclass(frozen=True, slots=True, kw_only=True)
class Indication(Figure):
    """When guidelines or consensus ask for a test whatever its information: a marrow for unexplained pancytopenia."""

    id: str
    test: str
    when: When
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreItem:
    """One item of a score: its points when `yes` holds, none when `no` holds, open otherwise."""

    text: str
    points: int
    yes: When | None = None  # None = no record can say so
    no: When | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreBand:
    """A verdict from so many points up to the next band."""

    from_points: int
    verdict: str
    low_risk: bool | None = None  # None = between


@dataclass(frozen=True, slots=True, kw_only=True)
class Score(Figure):
    """A published score. `when` says in whom it may be used; points and bands as printed."""

    id: str
    name: str
    made_for: str
    when: When
    items: tuple[ScoreItem, ...]
    bands: tuple[ScoreBand, ...]  # by rising points


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline(Figure):
    """What people have when nothing acts: median and spread of the logarithm, where the limits do not give them."""

    analyte: str
    median: float
    sd_log: float
    sex: str | None = None
    from_years: float = 0.0
    to_years: float = 130.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HpoTerm:
    """An HPO term: its nearest finding of ours at or above it in the hierarchy, and synonyms people write."""

    id: str
    label: str
    finding: str
    exact: bool  # the finding names this very term
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """Everything leukon knows."""

    version: str
    sources: dict[str, SourceFact]
    findings: dict[str, FindingFact]
    causes: dict[str, CauseFact]
    profiles: dict[str, Profile]
    drugs: dict[str, DrugFact]
    conditions: dict[str, ConditionFact]
    tests: dict[str, TestFact]
    red_flags: tuple[RedFlag, ...] = ()
    questions: tuple[Question, ...] = ()
    care: tuple[CareOption, ...] = ()
    baselines: tuple[Baseline, ...] = ()
    consequences: tuple[Consequence, ...] = ()
    scores: tuple[Score, ...] = ()
    indications: tuple[Indication, ...] = ()
    claims: dict[str, Claim] = field(default_factory=dict[str, Claim])
    hpo: tuple[HpoTerm, ...] = ()
