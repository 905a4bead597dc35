"""The few numbers of the model of evidence that are not medicine. Changing one changes every answer.

None is fitted to the published cases that the project is judged on. Each says what it stands for.
"""

from __future__ import annotations

__all__ = [
    "ACUTE_DAYS", "BROAD_SD", "CLUSTER_REST", "COUNT_CAP", "COUNT_DF", "DECHALLENGE", "INFECTION_DISCOUNT",
    "INTERACTION", "NONE_SHARE", "RECHALLENGE", "SECOND_CAUSE_COST", "SEVERITY", "SLOW_DAYS", "TEMPER",
    "TESTED_IF_ACTING", "TESTED_IF_ACTING_SLOWLY", "WITHIN_PERSON_SD",
]  # fmt: skip

TEMPER = 0.8
"""Finding evidence is raised to this power: what is told in a record is told because it matters, and findings are
never quite independent given a cause."""

CLUSTER_REST = 0.3
"""Findings that say the same thing: the strongest counts fully, the others at this share."""

SECOND_CAUSE_COST = 1.0
"""Nats that a second cause costs beyond its own prior, unless the two are known to travel together."""

NONE_SHARE = 0.04
"""Prior share of "none of these"."""

COUNT_DF = 4.0
"""Degrees of freedom of the Student-t that counts have around a cause's shift."""

COUNT_CAP = 5.0
"""Nats: how much worse than the best explanation one lineage can make a set of causes."""

SEVERITY = ((0.5, 0.25), (1.0, 0.5), (1.5, 0.25))
"""Lineages of one set share a severity: multiplier of all shifts, and its weight."""

BROAD_SD = {
    "neutrophils": 1.0, "lymphocytes": 0.7, "monocytes": 0.9, "eosinophils": 1.2, "basophils": 1.0,
    "hemoglobin": 0.3, "mcv": 0.12, "platelets": 0.9, "reticulocytes": 0.9,
}  # fmt: skip
"""Spread (natural log) of the counts under "none of these": about that of the causes taken together."""

ACUTE_DAYS, SLOW_DAYS = 10.0, 90.0
"""A drug acts now when its onset fell within so many days: acute falls, slow ones."""

INFECTION_DISCOUNT = 0.2
"""A drug begun for the very infection is that much less likely its cause (protopathic bias)."""

DECHALLENGE, RECHALLENGE = 3.0, 10.0
"""Odds that a drug is the cause when the count comes back after its last dose, or falls again when it is given again;
one over the first when it comes back while the drug is taken. Judged from the Naranjo scale (1 and 2 points of 13)."""

INTERACTION = 3.0
"""Odds that a drug acts, when another taken with it is known to raise its effect: one figure for all pairs, since few
have been measured (allopurinol with azathioprine is far stronger, aminosalicylates with it weaker)."""

TESTED_IF_ACTING = 50.0
"""How much likelier a user of a drug is to have the count looked at while the drug makes it fall steeply than
otherwise: turns an incidence among users into one among users who are tested, the scale of the other priors. That
scale: acute myeloid leukaemia, 4 per 100,000 people a year, is 20 per 1,000 people tested, so about 200 of 100,000 are
tested in a year; users of such drugs are taken to be tested ten times as often, one in 50."""

TESTED_IF_ACTING_SLOWLY = 5.0
"""The same for a drug that lowers counts over months: it is found mostly by the counts that users have anyway."""

WITHIN_PERSON_SD = 0.22
"""Spread (natural log) of a person's own counts around their own usual value (neutrophils 26 %, WBC 16 %, lymphocytes
13 % from week to week: Statland 1978; one round figure for all)."""
