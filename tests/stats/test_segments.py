import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.stats import segments
from gradex_analysis.stats.segments import summarise_runs

NAN = float("nan")


def summarise_by_hand(times, values):
    """Summarise one run with plain loops."""
    n = len(values)
    peak = max(values)
    mean_time, mean = sum(times) / n, sum(values) / n
    spread = sum((t - mean_time) ** 2 for t in times)
    along = sum((t - mean_time) * (y - mean) for t, y in zip(times, values, strict=True))
    area = sum((times[i + 1] - times[i]) * (values[i] + values[i + 1]) / 2 for i in range(n - 1))
    lasted = times[-1] - times[0]
    return {
        "n": n,
        "first": values[0],
        "peak": peak,
        "last": values[-1],
        "first_time": times[0],
        "peak_time": times[values.index(peak)],
        "last_time": times[-1],
        "slope": along / spread if lasted > 0 else NAN,
        "mean_level": area / lasted if lasted > 0 else NAN,
    }


runs_of_ratings = st.lists(
    st.lists(
        st.tuples(st.integers(-20, 600).map(lambda t: t / 4), st.integers(0, 100)),
        min_size=1,
        max_size=9,
    ).map(lambda rows: sorted(rows, key=lambda row: row[0])),
    min_size=1,
    max_size=12,
)


def as_arrays(runs):
    starts = np.cumsum([0] + [len(run) for run in runs[:-1]])
    columns = zip(*(row for run in runs for row in run), strict=True)
    return starts, *(np.array(column) for column in columns)


def assert_equals_loops(table, runs):
    assert len(table) == len(runs)
    for row, run in zip(table.to_dict("records"), runs, strict=True):
        expected = summarise_by_hand([r[0] for r in run], [r[1] for r in run])
        assert row.keys() == expected.keys()
        for name, number in expected.items():
            # Ratings and quarter minutes are exact in binary; only sums and quotients round.
            assert row[name] == pytest.approx(number, rel=1e-9, abs=1e-9, nan_ok=True)


@given(runs_of_ratings)
def test_every_summary_is_that_of_plain_loops(runs):
    starts, times, values = as_arrays(runs)
    assert_equals_loops(summarise_runs(starts, times, values), runs)


@given(runs_of_ratings)
def test_blocks_do_not_change_a_number(runs):
    starts, times, values = as_arrays(runs)
    whole = summarise_runs(starts, times, values)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segments, "BLOCK_ROWS", 4)
        assert summarise_runs(starts, times, values).equals(whole)


def test_the_numbers_of_one_exposure_by_hand():
    row = summarise_runs([0], [0, 2, 4, 8], [60, 80, 80, 40]).iloc[0]
    assert row[["n", "first", "peak", "last"]].tolist() == [4, 60, 80, 40]
    assert row[["first_time", "peak_time", "last_time"]].tolist() == [0, 2, 8]
    assert row["slope"] == pytest.approx((-3.5 * -5 - 1.5 * 15 + 0.5 * 15 + 4.5 * -25) / 35)
    assert row["mean_level"] == (140 + 160 + 240) / 8


def test_a_single_rating_has_no_slope_and_no_level():
    row = summarise_runs([0, 1], [3, 0], [70, 50]).iloc[0]
    assert row[["n", "first", "peak", "last", "peak_time"]].tolist() == [1, 70, 70, 70, 3]
    assert np.isnan(row["slope"])
    assert np.isnan(row["mean_level"])


def test_the_slope_survives_clock_times_in_seconds_since_1970():
    elapsed = np.array([0.0, 60, 120, 300])
    fear = np.array([80.0, 60, 55, 30])
    early = summarise_runs([0], elapsed, fear)["slope"][0]
    late = summarise_runs([0], 1.7e9 + elapsed, fear)["slope"][0]
    assert late == pytest.approx(early, rel=1e-12)


def test_constant_fear_has_a_slope_of_exactly_0():
    assert summarise_runs([0], [0.1, 0.7, 1.9], [0.3, 0.3, 0.3])["slope"][0] == 0


def test_no_runs_give_an_empty_table_with_all_columns():
    empty = summarise_runs([], [], [])
    assert len(empty) == 0
    assert list(empty.columns) == ["n", *segments.SUMMARIES]


@pytest.mark.parametrize(
    ("starts", "time", "value", "message"),
    [
        ([0], [0, 1], [5], "time has 2 rows and value 1"),
        ([1], [0, 1], [5, 6], "starts must rise from 0"),
        ([0, 2], [0, 1], [5, 6], "starts must rise from 0"),
        ([0, 1, 1], [0, 1], [5, 6], "starts must rise from 0"),
        ([], [0, 1], [5, 6], "starts must rise from 0"),
        ([0], [0, NAN], [5, 6], r"time is missing .* at 1 rows \(first: 1\)"),
        ([0], [0, 1], [NAN, 6], r"value is missing .* at 1 rows \(first: 0\)"),
        ([0, 2], [5, 6, 1, 0], [1, 2, 3, 4], r"time falls after .* at 1 rows \(first: 2\)"),
    ],
)
def test_wrong_input_is_refused_by_row(starts, time, value, message):
    with pytest.raises(CannotAnswerError, match=message):
        summarise_runs(starts, time, value)
