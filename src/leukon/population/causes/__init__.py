# pyright: basic
# (pyarrow has no static types)
"""Why is it low? The ranked causes of many people at once, by the code that answers for one person.

`rank_batch` takes Arrow batches of one row a person, wherever they are: in this process, in processes of its own
(`rank_batches`) or in the workers of Spark. What it answers of a person depends on that person's row alone, not on the
order of its lists nor on the rows beside it.

Causes explain the worst count of a person. What was noted within 30 days of that count stands beside it; what was noted
at another time is history: a known disease stays one, a fever of another year is none. What is dated after `now` is not
known yet.
"""

from __future__ import annotations

from leukon.population.causes.rank import rank_batch, rank_batches
from leukon.population.causes.schemas import INPUT, OUTPUT

__all__ = ["INPUT", "OUTPUT", "rank_batch", "rank_batches"]
