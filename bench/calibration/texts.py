"""The words of the page that do not depend on what was found."""

from __future__ import annotations

__all__ = ["DANGEROUS", "FAMILIES", "LIMITS", "SAFEGUARDS", "SELECTION", "TERMS", "WHAT"]

WHAT = """\
leukon says of each cause how likely it is that it acts on the count. Such statements are *calibrated* when, of all
the times it says 30 %, the cause acts in 30 of 100. That can only be checked where the truth is known. Here it is
known in three ways:

1. **Virtual patients of leukon's own model.** A person is drawn: age, sex, setting, exposures, known diseases, drugs.
   Then, by leukon's own priors, what acts on the count: nothing, one cause, two, or none that it lists. Then the
   count. Then the findings, of which a part is told as present, a part as absent, and the rest is not told. Only
   people whose count is low are kept, as in use. The record goes through leukon as any record does. If leukon is not
   calibrated here, its arithmetic is wrong. This is done twice: with its safeguards off (findings are not tempered,
   findings that say the same thing are not discounted, no count is capped in what it can say; the differential is
   complete and findings that speak against a cause are not asked for), where calibration should be exact; and as
   leukon is used.
2. **Virtual patients of a world that differs**, in six ways at once. The prior of each cause is three times too high
   or too low in each setting. Shifts of the counts are 1.4 times too large or too small, and scatter like a normal
   distribution. Some patients tell nearly everything and some hardly anything, and what is present is told far more
   often than what is absent. Findings are twice or half as common in people without the cause. One patient in ten
   has a cause that leukon does not know. One in ten has three causes at once.
3. **Published records**, with the answer that their authors gave.

How long a count has been low is left out of the virtual patients: each has one count. So are reticulocytes."""

SAFEGUARDS = """\
As used, with the safeguards on. They make leukon less sure than its own model would be, on purpose: what is told in
a real record is told because it matters, and real findings go together more than a model thinks."""

SELECTION = """\
**A word on selection.** Published cases and exam questions are told because they are striking, or because they
teach: rare causes are common among them, the decisive finding is in the text, what is beside the point is left out,
and several answers may count as right. They show whether leukon understands words and knows medicine. They show
little of how often it will be right in a clinic, where most low counts are a virus, a drug, or nothing, and the
decisive word is often missing. And the records of `cases` were at hand while leukon was made: its words were checked
on them, which flatters it."""

DANGEROUS = """\
A cause that must not be missed is shown in a list of its own from 1 % on. In virtual patients, by probability alone
(in use, a named trigger shows it as well):"""

FAMILIES = """\
"Said of it in them" is the probability that leukon gave the family in the patients who have it, on average. "Said in
all" and "so in all" should agree: the average probability over all patients, and how many of them have it."""

LIMITS = """\
- **Nothing of real patients.** Virtual patients of leukon's own model have, by construction, the illnesses that
  leukon believes in. They find errors of arithmetic, not of medicine.
- **The world that differs is invented.** Its errors (three times, 1.4 times, twice) are a guess at how wrong estimates
  of this kind may be. Real errors may be larger, and of kinds not tried here: a wrong word on the record, the count
  of another person, findings that go together in ways no figure describes.
- **Reading is not tested on virtual patients.** They speak in leukon's own words; a real record does not.
- **Exposures, diseases and drugs are drawn at random**, so the mix of patients is not that of any clinic.
- **The published records are few, chosen and striking**, and their intervals are wide.
- A probability is that the cause *acts on the count*, not that the person has the disease.
- Probabilities may add up to more than 100 %: two causes can act at once."""

TERMS = """\
- **said, so**: the mean probability in the group, and in how many of 100 the cause acted. Equal is perfect; "too
  high" means that leukon said more than was so.
- **95 % interval**: Wilson's. Statements about one patient depend on each other, so true intervals are somewhat wider.
- **points apart** (expected calibration error): how far said and so lie apart, on average over the groups weighted by
  their size, for statements of 1 % and more; the many statements under 1 % would hide everything else. "Of the
  leading cause": the same for one statement a patient, the first.
- **log score, Brier score**: penalties per patient, summed over causes; lower is better. The Brier score is the
  squared distance of probability from truth; the log score punishes being sure and wrong. The priors know age, sex,
  setting, exposures, diseases and drugs, but not that the count is low; the frequency among these patients knows
  that, and nothing of the person.
- **leading cause acts**: in patients whose causes leukon knows. Where nothing acts, "this person's normal" must lead;
  with several causes, any of them counts.
- **explanations that hold 90 %**: the fewest explanations (nothing, one cause, two, none of these) whose
  probabilities reach 90 % together. When calibrated, the whole truth is among them in about 90 % or somewhat more."""
