"""What are the first, highest and last value, the slope and the mean level of each run of rows?

Runs (the ratings of one exposure, say) lie one after the other; every summary passes once over the
rows.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from gradex_analysis.errors import CannotAnswerError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# A block's arrays stay in the processor's cache; results do not depend on it.
BLOCK_ROWS = 65_536

SUMMARIES = [
    "first",
    "peak",
    "last",
    "first_time",
    "peak_time",
    "last_time",
    "slope",
    "mean_level",
]


def summarise_runs(
    starts: npt.ArrayLike, time: npt.ArrayLike, value: npt.ArrayLike
) -> pd.DataFrame:
    """Summarise every run of rows: one row per run, in their order.

    ``starts`` holds the first row of each run, beginning with 0; a run ends where the next starts.
    Time must not fall within a run, and nothing may be missing. Columns:

    - ``n`` and the ``first``, ``peak`` and ``last`` value
    - ``first_time``, ``peak_time`` (of the first peak), ``last_time``
    - ``slope`` of the least-squares line on time, in value per unit of time, with the scale's sign
      (negative as values fall); missing where all times are equal
    - ``mean_level``: the area under straight lines between the values over the duration; missing
      where the duration is 0
    """
    times, values = np.asarray(time, dtype=float), np.asarray(value, dtype=float)
    begins = np.asarray(starts, dtype=np.int64)
    _check_runs(begins, times, values)
    counts = np.diff(begins, append=len(times))
    return pd.DataFrame({"n": counts} | _summarise(counts, times, values))


def _check_runs(begins: Ints, times: Floats, values: Floats) -> None:
    if len(times) != len(values):
        raise CannotAnswerError(
            f"time has {len(times)} rows and value {len(values)}. Pass columns of one table."
        )
    edges = np.append(begins, len(times))
    if edges[0] != 0 or (np.diff(edges) <= 0).any():
        raise CannotAnswerError(
            f"starts must rise from 0 and stay below {len(times)}, the number of rows. "
            "Pass the first row of each run."
        )
    _refuse_rows("time is missing or infinite", ~np.isfinite(times))
    _refuse_rows("value is missing or infinite", ~np.isfinite(values))
    falls = times[1:] < times[:-1]
    falls[begins[1:] - 1] = False
    _refuse_rows("time falls after this row of a run", falls, remedy="Sort each run by time")


def _refuse_rows(
    what: str, wrong: Bools, *, remedy: str = "Remove and count these rows first"
) -> None:
    if wrong.any():
        rows = np.flatnonzero(wrong)
        shown = ", ".join(map(str, rows[:5]))
        raise CannotAnswerError(f"{what} at {len(rows)} rows (first: {shown}). {remedy}.")


def _summarise(counts: Ints, times: Floats, values: Floats) -> dict[str, Floats]:
    columns = {name: np.empty(len(counts)) for name in SUMMARIES}
    edges = np.append(0, np.cumsum(counts))
    first = 0
    while first < len(counts):
        last = int(np.searchsorted(edges, edges[first] + BLOCK_ROWS, side="right")) - 1
        runs = slice(first, max(last, first + 1))
        rows = slice(edges[runs.start], edges[runs.stop])
        for name, numbers in _summarise_block(counts[runs], times[rows], values[rows]).items():
            columns[name][runs] = numbers
        first = runs.stop
    return columns


def _summarise_block(counts: Ints, times: Floats, values: Floats) -> dict[str, Floats]:
    begins = np.cumsum(counts) - counts
    ends = begins + counts - 1
    peak = np.maximum.reduceat(values, begins)
    peak_rows = np.flatnonzero(values == np.repeat(peak, counts))
    return {
        "first": values[begins],
        "peak": peak,
        "last": values[ends],
        "first_time": times[begins],
        "peak_time": times[peak_rows[np.searchsorted(peak_rows, begins)]],
        "last_time": times[ends],
        "slope": _measure_slopes(begins, counts, times, values),
        "mean_level": _measure_levels(begins, ends, times, values),
    }


def _measure_slopes(begins: Ints, counts: Ints, times: Floats, values: Floats) -> Floats:
    # Twice centred: clock times in seconds since 1970 would cancel to nothing otherwise.
    elapsed = times - np.repeat(times[begins], counts)
    elapsed -= np.repeat(np.add.reduceat(elapsed, begins) / counts, counts)
    change = values - np.repeat(values[begins], counts)
    change *= elapsed
    elapsed *= elapsed
    return _divide(np.add.reduceat(change, begins), np.add.reduceat(elapsed, begins))


def _measure_levels(begins: Ints, ends: Ints, times: Floats, values: Floats) -> Floats:
    areas = np.zeros(len(times))
    areas[:-1] = 0.5 * np.diff(times) * (values[1:] + values[:-1])
    areas[ends] = 0.0  # the step to the next run
    return _divide(np.add.reduceat(areas, begins), times[ends] - times[begins])


def _divide(numerator: Floats, denominator: Floats) -> Floats:
    """Divide; missing where the denominator is 0."""
    out = np.full(len(numerator), np.nan)
    np.divide(numerator, denominator, out=out, where=denominator > 0.0)
    return out
