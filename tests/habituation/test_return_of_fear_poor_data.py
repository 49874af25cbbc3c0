"""Is every sitting used or left out with a reason, however poor the data?"""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.habituation.return_of_fear.answer import measure_return_of_fear
from gradex_analysis.measures.return_of_fear import DEFINITIONS


@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    visits=st.lists(
        st.tuples(
            st.sampled_from("ab"),
            st.integers(1, 4),
            st.lists(st.integers(0, 100), max_size=3),
            st.sampled_from(["home", "work", None]),
        ),
        min_size=1,
        max_size=8,
    ),
    name=st.sampled_from([n for n, one in DEFINITIONS.items() if one.pairs != "re-rated"]),
)
def test_every_sitting_is_used_or_left_out_once(make_cohort, visits, name):
    exposures = {
        f"E{i}": {"item_id": item, "session_id": f"S{day}", "started_at": f"2024-01-0{day}",
                  "context": context, "status": "done", "flare": True}
        for i, (item, day, _, context) in enumerate(visits)
    }  # fmt: skip
    cohort = make_cohort(exposures=exposures, **{f"E{i}": v[2] for i, v in enumerate(visits)})
    if not len(cohort.ratings):
        return
    try:
        result = measure_return_of_fear(cohort, definition=name)
    except CannotAnswerError as problem:
        assert "context" in str(problem)  # noqa: PT017 - only this may be refused
        return
    unit = list(result.unit)
    keys = pd.concat([result.table[unit], result.excluded[unit]]).astype("str")
    assert not keys.duplicated().any()
    expected = {(item, f"S{day}") if "sitting" in unit else (item,) for item, day, _, _ in visits}
    assert set(keys[unit[1:]].itertuples(index=False, name=None)) == expected
    assert result.table["estimate"].notna().all()
    assert (result.excluded["reason"] != "").all()


DEGENERATE = {
    "one value": {"E1": [50, 50], "E2": [50, 50], "E3": [50, 50]},
    "all 0": {"E1": [0, 0, 0], "E2": [0, 0], "E3": [0]},
    "all 100": {"E1": [100, 100], "E2": [100], "E3": [100]},
    "before only": {"E1": {-2: 60}, "E2": {-1: 40}},
    "one exposure": {"E1": [80, 40]},
}


@pytest.mark.parametrize("what", DEGENERATE)
@pytest.mark.parametrize("name", [n for n, one in DEFINITIONS.items() if one.pairs != "re-rated"])
def test_poor_data_are_left_out_with_a_reason_and_break_nothing(make_cohort, what, name):
    courses = DEGENERATE[what]
    columns = {
        exposure: {"session_id": f"S{i}", "started_at": f"2024-01-0{i}", "flare": False,
                   "context": "home", "status": "done"}
        for i, exposure in enumerate(courses, 1)
    }  # fmt: skip
    result = measure_return_of_fear(make_cohort(exposures=columns, **courses), definition=name)
    assert result.n_used + len(result.excluded) == result.n_considered
    assert (result.excluded["reason"] != "").all()
    assert result.sentence()
    assert result.plot() is not None
    if what in ("one value", "all 0", "all 100") and name == "spontaneous_recovery":
        assert set(result.table["estimate"]) == {0.0}


@pytest.mark.parametrize("value", [0, 50, 100])
def test_a_rating_that_never_varies_has_no_slope_on_the_gap(make_cohort, value):
    days = ["01", "02", "09", "30"]
    names = [(f"P{p}", f"E{p}{i}", day) for p in range(4) for i, day in enumerate(days)]
    columns = {
        name: {"session_id": f"S{day}", "started_at": f"2024-01-{day}"} for _, name, day in names
    }
    owners = {name: patient for patient, name, _ in names}
    cohort = make_cohort(
        patients=owners, exposures=columns, **{name: [value, value] for _, name, _ in names}
    )
    result = measure_return_of_fear(cohort, definition="spontaneous_recovery")
    assert result.average["estimate"].tolist() == [0.0]
    assert result.gap.empty
    assert "cannot be told: it is the same in all." in result.sentence()


def test_a_cohort_without_exposures_is_refused():
    cohort = Cohort.from_tables({"participants": pd.DataFrame({"patient_id": ["P1"]})})
    with pytest.raises(CannotAnswerError, match="no exposure ratings"):
        measure_return_of_fear(cohort, definition="spontaneous_recovery")
