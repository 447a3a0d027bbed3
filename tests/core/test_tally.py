"""One arm's outcomes in columns: what is kept, in which order, and what is let go."""

from __future__ import annotations

from collections.abc import Container

import numpy as np
import pytest

from evalgate.core.outcomes import CheckRef, Mark, Outcome
from evalgate.core.samples import Case
from evalgate.core.tally import FIRST_REASON, Columns, Tally

POLITE = CheckRef(name="polite", annotator="code", digest="p")
SHORT = CheckRef(name="short", annotator="code", digest="s")


def tally(rows: range, listed: Container[str] | None = None) -> Tally:
    """Every second case is impolite, every third too long; no row is marked by both."""
    made = Tally([(POLITE, ("",)), (SHORT, ("",))], ("locale",), listed)
    for row in rows:
        case = Case(id=f"c-{row}", input="?", slices={"locale": "es" if row % 2 else "pt"})
        ref, value = (POLITE, float(row % 2)) if row % 5 else (SHORT, float(row % 3 > 0))
        marked = [Outcome(case_id=case.id, check=ref, result=Mark(value=value))]
        made.add(row, case, 0, f"{row:032x}", f"{row:032x}", marked)
    return made


def test_columns_do_not_depend_on_the_order_of_arrival():
    forth, back = Columns(tally(range(30))), Columns(tally(range(29, -1, -1)))
    assert forth.keys.tolist() == back.keys.tolist() == sorted(forth.keys.tolist())
    for name in ("polite", "short"):
        np.testing.assert_array_equal(forth.values[name], back.values[name])
        assert forth.violators[name] == back.violators[name]
    assert forth.positions.tolist() == back.positions.tolist()


def test_a_metric_without_an_outcome_is_missing():
    columns = Columns(tally(range(10)))
    missing = columns.status["short"] == FIRST_REASON
    assert sorted(columns.positions[missing].tolist()) == [1, 2, 3, 4, 6, 7, 8, 9]
    assert np.isnan(columns.values["short"][missing]).all()


def test_columns_leave_nothing_in_the_tally():
    emptied = tally(range(10))
    assert len(Columns(emptied)) == 10
    assert len(emptied) == 0
    assert not emptied.values["polite"]


def test_violators_are_kept_by_id_only_where_somebody_lists_them():
    everyone, listed = Columns(tally(range(10))), Columns(tally(range(10), listed={"short"}))
    assert [case for case, _ in everyone.violators["polite"]] == ["c-2", "c-4", "c-6", "c-8"]
    assert listed.violators == {"short": everyone.violators["short"]}
    np.testing.assert_array_equal(listed.values["polite"], everyone.values["polite"])


def test_two_outcomes_of_one_check_for_one_sample_are_refused() -> None:
    said = Outcome(case_id="c-1", check=POLITE, result=Mark(value=1.0))
    made = Tally([(POLITE, ("",))], ())
    with pytest.raises(ValueError, match="two outcomes for case c-1"):
        made.add(0, Case(id="c-1", input="?"), 0, "0" * 32, "0" * 32, (said, said))
