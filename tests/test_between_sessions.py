"""How far does fear fall between exposures to the same item? By hand and by law."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.habituation import list_definitions, measure_between_sessions
from gradex_analysis.measures.between_sessions import DEFINITIONS

#: before -1: 60, 45, 50; peaks 80, 70, 50; first ratings 70, 50, 50; mean levels 75, 60, 45
COURSES = {
    "E1": {-1: 60, 0: 70, 2: 80},
    "E2": {-1: 45, 0: 50, 2: 70},
    "E3": {-1: 50, 0: 50, 2: 40},
}

DAYS = {
    "E1": {"started_at": "2024-01-01"},
    "E2": {"started_at": "2024-01-08"},
    "E3": {"started_at": "2024-01-22"},
}


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ("first_to_last_peak", 30),
        ("consecutive_peak", 15),
        ("first_to_last_initial", 20),
        ("consecutive_initial", 10),
        ("first_to_last_before", 10),
        ("consecutive_before", 5),
        ("first_to_last_mean", 30),
        ("consecutive_mean", 15),
        ("slope_peak", -15),
        ("slope_initial", -10),
        # peaks 80, 70, 50 on days 0, 7 and 21: through weeks 0, 1 and 3, -10 a week
        ("slope_peak_per_week", -10),
        # first ratings 70, 50, 50: x - mean = -4/3, -1/3, 5/3; xy -80/3, xx 14/3
        ("slope_initial_per_week", -40 / 7),
    ],
)
def test_each_definition_by_hand(make_cohort, definition, expected):
    cohort = make_cohort(exposures=DAYS, **COURSES)
    table = measure_between_sessions(cohort, definition=definition).table
    assert table["estimate"].tolist() == pytest.approx([expected])
    assert table[["n_exposures", "n_used"]].to_numpy().tolist() == [[3, 3]]


def test_every_definition_has_a_hand_case_and_is_listed():
    listed = list_definitions()
    listed = listed[listed["name"].isin(DEFINITIONS)]
    assert listed["name"].tolist() == list(DEFINITIONS)
    assert not listed["verified"].any(), "no full text with a formula was read"
    assert listed.notna().all(axis=None)


@pytest.mark.parametrize(
    "days", [{"E1": "2024-01-01", "E2": "2024-01-01"}, {"E1": "2024-01-01"}, {}]
)
def test_without_two_known_days_there_is_no_slope_on_time(make_cohort, days):
    exposures = {name: {"started_at": day} for name, day in days.items()}
    cohort = make_cohort(exposures=exposures, E1=[80], E2=[60])
    result = measure_between_sessions(cohort, definition="slope_peak_per_week")
    assert result.excluded["reason"].tolist() == [
        "no line on time: a day is not known, or all were on one day, or some were recalled"
    ]


def test_items_and_contexts_are_never_compared_with_one_another(make_cohort):
    exposures = {"E2": {"item_id": "I2"}, "E3": {"context": "work"}}
    result = measure_between_sessions(
        make_cohort(exposures=exposures, **COURSES), definition="first_to_last_peak"
    )
    assert result.n_used == 0
    assert result.unit == ("patient_id", "item_id", "context")
    assert result.excluded["reason"].tolist() == ["one exposure"] * 3
    assert "None of 3 patient-items" in result.sentence()
    joined = measure_between_sessions(
        make_cohort(exposures=exposures, **COURSES),
        definition="first_to_last_peak",
        same_context=False,
    )
    assert joined.table["estimate"].tolist() == [30.0]


def test_an_exposure_without_the_rating_is_skipped_and_said(make_cohort):
    done = {"E2": {"status": "done"}}
    cohort = make_cohort(exposures=done, E1=[80], E2=[], E3=[50])
    row = measure_between_sessions(cohort, definition="first_to_last_peak").table.iloc[0]
    assert (row["n_exposures"], row["n_used"], row["last_number"]) == (3, 2, 3)
    neighbours = measure_between_sessions(cohort, definition="consecutive_peak").excluded
    assert neighbours["reason"].tolist() == [
        "no two successive exposures with a peak, rated in the same way"
    ]
    fewer = measure_between_sessions(
        make_cohort(exposures=done, E1=[80], E2=[]), definition="first_to_last_peak"
    )
    assert fewer.excluded["reason"].tolist() == ["fewer than two exposures with a peak"]
    assert fewer.n_repeated == 1


def with_recalled_peaks(cohort, peaks):
    """Add a form with a recalled peak to some exposures that nobody rated."""
    tables = dict(cohort.tables)
    ratings = tables["ratings"][["patient_id", "exposure_id", "kind", "moment", "minute", "value"]]
    forms = pd.DataFrame(
        [("P1", name, "fear", "peak_recalled", np.nan, value) for name, value in peaks.items()],
        columns=ratings.columns,
    )
    tables["ratings"] = pd.concat([ratings, forms], ignore_index=True).assign(scale_id="0-100")
    return Cohort.from_tables(tables)


def test_a_rated_and_a_recalled_peak_are_not_compared(make_cohort):
    cohort = with_recalled_peaks(make_cohort(E1=[80], E2=[70], E3=[]), {"E3": 10.0})
    ends = measure_between_sessions(cohort, definition="first_to_last_peak")
    assert ends.excluded["reason"].tolist() == [
        "its first peak was rated and its last recalled, or the reverse: not compared"
    ]
    consecutive = measure_between_sessions(cohort, definition="consecutive_peak")
    assert consecutive.table["estimate"].tolist() == [10.0]
    slope = measure_between_sessions(cohort, definition="slope_peak")
    assert slope.excluded["reason"].str.startswith("some peaks were rated").all()


def test_peaks_that_are_all_recalled_are_compared_and_said_to_be_recalled(make_cohort):
    cohort = with_recalled_peaks(make_cohort(E1=[], E2=[]), {"E1": 80.0, "E2": 65.0})
    result = measure_between_sessions(cohort, definition="first_to_last_peak")
    assert result.table["estimate"].tolist() == [15.0]
    assert "fear at its peak as recalled on the form fell" in result.sentence()


def test_the_sentence_says_who_is_in_it_and_how_many_were_repeated(make_cohort):
    days = {f"E{i}": {"started_at": "2024-01-02"} for i in (1, 2)}
    cohort = make_cohort(patients={"E3": "P2"}, exposures=days, E1=[60], E2=[75], E3=[50])
    assert measure_between_sessions(cohort, definition="first_to_last_peak").sentence() == (
        "In 1 patient-item of 1 patient, fear at its peak rose on average by 15.0 points of 100 "
        "from the first to the last exposure to the same item (mean of the patients' means, no "
        "interval: a single patient). 1 of 2 patient-items could be measured; 1 has two "
        "exposures or more. In 1 of those measured the first and the last were on one day. "
        "Ratings that are multiples of 10: 50\u00a0%. "
        "1 of 2 patient-items left out (1: one exposure)."
    )


def test_groups_that_were_not_randomised_are_said_to_be_so(make_cohort):
    cohort = make_cohort(
        patients={"E3": "P2", "E4": "P2"}, arms={"P1": "a", "P2": "b"},
        E1=[60], E2=[50], E3=[40], E4=[30],
    )  # fmt: skip
    result = measure_between_sessions(cohort, definition="slope_peak")
    assert result.average["group"].tolist() == ["a", "b"]
    assert "Groups were not randomised." in result.sentence()
    assert "negative when the rating falls" in result.sentence()


def test_the_figure_draws_the_table_and_names_the_same_item(make_cohort):
    result = measure_between_sessions(make_cohort(**COURSES), definition="first_to_last_peak")
    ax = result.plot()
    drawn = [c.get_offsets()[:, 0] for c in ax.collections
             if isinstance(c, mpl.collections.PathCollection)]  # fmt: skip
    assert set(result.table["estimate"]) <= set(np.concatenate(drawn))
    assert "between exposures to the same item" in ax.get_xlabel()


def test_what_cannot_be_asked_is_said(make_cohort):
    with pytest.raises(UnknownNameError, match=r"'first_to_last_peak', .*not 'bsh'"):
        measure_between_sessions(make_cohort(E1=[50]), definition="bsh")
    without = make_cohort(exposures={"E1": {"item_id": None}}, E1=[50])
    with pytest.raises(CannotAnswerError, match="names its item"):
        measure_between_sessions(without, definition="slope_peak")


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    peaks=st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 100)), min_size=1, max_size=7),
    name=st.sampled_from(list(DEFINITIONS)),
)
def test_every_patient_item_is_used_or_left_out_once(make_cohort, peaks, name):
    exposures = {f"E{i}": {"item_id": item} for i, (item, _) in enumerate(peaks)}
    cohort = make_cohort(exposures=exposures, **{f"E{i}": [p] for i, (_, p) in enumerate(peaks)})
    result = measure_between_sessions(cohort, definition=name)
    items = [*result.table["item_id"], *result.excluded["item_id"]]
    assert sorted(items) == sorted({item for item, _ in peaks})
    assert result.table["estimate"].notna().all()
    if name == "first_to_last_peak":
        for row in result.table.itertuples():
            own = [peak for item, peak in peaks if item == row.item_id]
            assert row.estimate == own[0] - own[-1]
