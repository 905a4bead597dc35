# pyright: basic
# (ibis builds the methods of its columns at run time: they have no static types)
"""What becomes of each value of a draw: the count it gives and how, or why it is refused."""

from __future__ import annotations

from functools import reduce
from operator import add, and_
from typing import Any

import ibis

from leukon.counts.analytes import ANALYTES, DIFFERENTIAL
from leukon.counts.differential import (
    CONFLICT_E9_L,
    CONFLICT_SHARE,
    LARGER_E9_L,
    LARGER_SHARE,
    LEAST_PERCENT,
    MOST_PERCENT,
)
from leukon.counts.units import UNIT_OF
from leukon.population.columns import number
from leukon.population.draw_facts import OTHER_FOUR
from leukon.population.rounding import round_9

__all__ = ["settle_rows"]

_SECOND = "a second value in one draw: the lower is used"
_FAR = "the differential adds up to a sum far from 100 %: its percentages are not used"
_NO_WBC = "a percentage in a draw without a white count that would make it absolute"
_NO_SHARE = "a percentage that is no share of the white cells"
_DIFFERS = "differs from the absolute value of the draw, which is used"
_LARGER = "larger than the white count of the draw: one of the two is wrong"
_NEGATIVE = "less than the other cells of the draw together: neutrophils cannot be had by difference"


def settle_rows(rows: Any) -> Any:
    """Each row with the count it gives and `how`, and the `reason` why it is refused.

    A row is `spare` that is not needed: one equal to another, a percentage beside an absolute value, segmented cells
    beside neutrophils. `left_over`, beside a white count, are the neutrophils that the other cells leave; where that is
    under 0 the reason speaks of them, and the white count is used all the same.
    """
    share = rows.percent & rows.analyte.isin(DIFFERENTIAL)
    segs = ~rows.percent & (rows.analyte == "segs")
    head = share & (rows.analyte == ibis.cases((rows.neutrophils_share.notnull(), "neutrophils"), else_="segs"))
    with_bands = head & _are_bands_added(rows) & (rows.bands_share > 0).fill_null(False)
    value, sign = _make_value(rows, share, segs, with_bands)
    given, differs = _compare_given(rows, head, value, sign)
    left_over = _find_left_over(rows)
    neutrophils = ibis.cases((rows.percent, rows.neutrophils_share), else_=rows.neutrophils)
    beside = (rows.analyte == "segs") & neutrophils.notnull()
    most = round_9(rows.wbc * number(float(LARGER_SHARE)) + number(float(LARGER_E9_L)))
    larger = rows.analyte.isin(DIFFERENTIAL) & (sign >= 0) & (rows.wbc_sign <= 0) & (value > most)
    return rows.select(
        person=rows.person,
        day=rows.day,
        given=rows.analyte,
        percent=rows.percent,
        analyte=ibis.cases((head | segs, "neutrophils"), else_=rows.analyte),
        value=value,
        unit=_name_unit(rows, share),
        bound=ibis.cases((sign < 0, "<"), (sign > 0, ">")),
        lower=ibis.cases((~share, rows.lower)),
        upper=ibis.cases((~share, rows.upper)),
        how=_say_how(rows, share, segs, with_bands),
        spare=(rows.place > 0) | beside | (rows.percent & given.notnull()),
        left_over=left_over,
        reason=ibis.cases(
            (rows.place > 0, ibis.cases((~rows.same, _SECOND))),
            (share & _is_far(rows), _FAR),
            (rows.percent & ~share & (rows.analyte != "reticulocytes"), _NO_SHARE),
            (beside, None),
            (share & given.notnull(), ibis.cases((differs, _DIFFERS))),
            (share & rows.wbc.isnull(), _NO_WBC),
            (larger, _LARGER),
            (left_over < 0, _NEGATIVE),
        ),
    )


def _sum_plain(rows: Any) -> Any:
    """The sum of the percentages without the bands."""
    return rows.plain.fill_null(0.0) + rows.neutrophils_share.fill_null(rows.segs_share.fill_null(0.0))


def _are_bands_added(rows: Any) -> Any:
    """Or were they counted as neutrophils already? Then the differential with them would add up to more than 105 %."""
    total = round_9(_sum_plain(rows) + rows.bands_share.fill_null(0.0))
    return rows.neutrophils_share.isnull() | (total <= MOST_PERCENT)


def _is_far(rows: Any) -> Any:
    """Do the percentages add up to a sum far from 100 %? That it is too small shows where all cells are given."""
    bands = ibis.cases((_are_bands_added(rows), rows.bands_share.fill_null(0.0)), else_=number(0))
    total = round_9(_sum_plain(rows) + bands)
    has_head = rows.neutrophils_share.notnull() | rows.segs_share.notnull()
    return (total > MOST_PERCENT) | (has_head & (rows.four == len(OTHER_FOUR)) & (total < LEAST_PERCENT))


def _make_value(rows: Any, share: Any, segs: Any, with_bands: Any) -> tuple[Any, Any]:
    """The absolute value and its sign: that of whatever it is made from which has one, white cells first."""
    percent = rows.value + ibis.cases((with_bands, rows.bands_share), else_=number(0))
    value = ibis.cases(
        (share, round_9(rows.wbc * percent / number(100))),
        (segs, round_9(rows.value + rows.bands.fill_null(0.0))),
        else_=rows.value,
    )
    bands = ibis.cases((with_bands, rows.bands_share_sign), else_=0)
    sign = ibis.cases(
        (share & (rows.wbc_sign != 0), rows.wbc_sign),
        (rows.sign != 0, rows.sign),
        (share, bands),
        (segs, rows.bands_sign.fill_null(0)),
        else_=0,
    )
    return value, sign


def _compare_given(rows: Any, head: Any, value: Any, sign: Any) -> tuple[Any, Any]:
    """The absolute value beside a percentage, and whether the two differ; where one has a bound that is not said."""
    bands = ibis.cases((rows.neutrophils.isnull(), rows.bands.fill_null(0.0)), else_=number(0))
    cells = [cell for cell in DIFFERENTIAL if cell not in ("neutrophils", "segs")]
    given = ibis.cases(
        (head, rows.neutrophils.fill_null(rows.segs) + bands),
        *((rows.percent & (rows.analyte == cell), rows[cell]) for cell in cells),
    )
    given = ibis.cases((rows.percent & (rows.analyte == "reticulocytes"), rows.reticulocytes), else_=given)
    bounded: Any = ibis.cases(
        (head & rows.neutrophils.notnull(), rows.neutrophils_sign != 0),
        (head, (rows.segs_sign != 0) | (rows.bands_sign.fill_null(0) != 0)),
        *((rows.analyte == cell, rows[f"{cell}_sign"] != 0) for cell in cells),
        else_=False,
    )
    shares = [round_9(x * number(float(CONFLICT_SHARE))) for x in (value, given)]
    differs = round_9((value - given).abs()) > ibis.greatest(number(float(CONFLICT_E9_L)), *shares)
    return given, differs & (sign == 0) & ~bounded


def _find_left_over(rows: Any) -> Any:
    """Of the row of white cells: what the four other cells leave of them, where neutrophils are given in no form."""
    forms = [rows[f"{cell}{end}"].isnull() for cell in ("neutrophils", "segs", "bands") for end in ("", "_share")]
    exact = [rows[f"{cell}_sign"] == 0 for cell in OTHER_FOUR]  # null where it was not counted
    white = (rows.analyte == "wbc") & (rows.place == 0) & (rows.sign == 0)
    fits = reduce(and_, [white, *forms, *exact, rows.immature.fill_null(0.0) == 0])
    rest = rows.value - reduce(add, [rows[cell] for cell in OTHER_FOUR])
    nothing = rest.abs() < 5e-10  # noise of the subtraction
    return ibis.cases((fits & nothing, number(0)), (fits & (rest > 0), round_9(rest)), (fits, rest))


def _say_how(rows: Any, share: Any, segs: Any, with_bands: Any) -> Any:
    named = [(share & (rows.analyte == cell), f"WBC × {cell} %") for cell in DIFFERENTIAL]
    return ibis.cases(
        *((with_bands & (rows.analyte == cell), f"WBC × ({cell} + bands)") for cell in ("neutrophils", "segs")),
        *named,
        (segs & rows.bands.notnull(), "segs + bands"),
        (segs, "segs"),
        else_="measured",
    )


def _name_unit(rows: Any, share: Any) -> Any:
    others = [(rows.analyte == a.id, UNIT_OF[a.quantity]) for a in ANALYTES.values() if a.quantity != "count"]
    return ibis.cases((rows.percent & ~share, "%"), *others, else_=UNIT_OF["count"])
