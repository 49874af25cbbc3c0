"""Which rows make up each run, which runs share an asymptote, and which blocks of them a rate?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.stats.decay_profile import Bools, Floats, Ints
from gradex_analysis.stats.decay_rows import factorise, refuse_missing


@dataclass(frozen=True)
class Pool:
    """Rows by series, block, run and time; ``x`` is time since the first row of the run.

    ``lower`` and ``upper`` are the ends of what a recorded value stands for, ``grid`` their usual
    distance in each series; both are the value and the distance 0 where values are exact.
    """

    x: Floats
    value: Floats
    lower: Floats
    upper: Floats
    run_rows: Ints
    block_runs: Ints
    series_blocks: Ints
    grid: Floats

    @cached_property
    def run_begins(self) -> Ints:
        return np.cumsum(self.run_rows) - self.run_rows

    @cached_property
    def block_begins(self) -> Ints:
        """Return the first run of each block."""
        return np.cumsum(self.block_runs) - self.block_runs

    @cached_property
    def series_begins(self) -> Ints:
        """Return the first block of each series."""
        return np.cumsum(self.series_blocks) - self.series_blocks

    @cached_property
    def series_runs(self) -> Ints:
        """Return the number of runs of each series."""
        return np.add.reduceat(self.block_runs, self.series_begins)

    @cached_property
    def counts(self) -> Ints:
        """Return the number of rows of each series."""
        return self.join(np.add.reduceat(self.run_rows, self.block_begins))

    @cached_property
    def told(self) -> Bools:
        """Return where a block has a run of more than one time, to tell what its runs share."""
        told: Bools = self.by_block(self.by_run((self.x > 0.0).astype(float))) > 0.0
        return told

    def by_run(self, rows: Floats) -> Floats:
        """Add up the rows of each run."""
        return np.add.reduceat(rows, self.run_begins)

    def by_block(self, runs: Floats) -> Floats:
        """Add up the runs of each block; of several columns, each."""
        return np.add.reduceat(runs, self.block_begins, axis=0)

    def join(self, blocks: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Add up the blocks of each series; of several columns, each."""
        return np.add.reduceat(blocks, self.series_begins, axis=0)

    def by_series(self, runs: Floats) -> Floats:
        """Add up the runs of each series."""
        return self.join(self.by_block(runs))

    def total(self, rows: Floats) -> Floats:
        """Add up the rows of each series."""
        return self.by_series(self.by_run(rows))

    def largest(self, rows: Floats) -> Floats:
        """Return the largest row of each series."""
        of_runs = np.maximum.reduceat(rows, self.run_begins)
        of_blocks = np.maximum.reduceat(of_runs, self.block_begins)
        largest: Floats = np.maximum.reduceat(of_blocks, self.series_begins)
        return largest

    def to_runs(self, per_series: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Repeat one number a series over its runs."""
        return np.repeat(per_series, self.series_runs, axis=0)

    def spread(self, per_series: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Repeat one number a series over its rows."""
        return np.repeat(self.to_runs(per_series), self.run_rows)

    def spread_blocks(self, per_block: Floats) -> Floats:
        """Repeat one number a block over its rows."""
        return np.repeat(np.repeat(per_block, self.block_runs), self.run_rows)

    def spread_runs(self, per_run: Floats) -> Floats:
        """Repeat one number a run over its rows."""
        return np.repeat(per_run, self.run_rows)

    def only(self, series: Bools) -> Pool:
        """Keep some of the series."""
        if series.all():
            return self
        blocks = np.repeat(series, self.series_blocks)
        runs = np.repeat(blocks, self.block_runs)
        rows = np.repeat(runs, self.run_rows)
        return self._cut(rows, runs, blocks, series)

    def blocks(self, size: int) -> Iterator[tuple[slice, slice, Pool]]:
        """Cut into parts of whole series; yield the places of each part's series and runs."""
        of_series = np.append(self.series_begins, len(self.block_runs))
        of_blocks = np.append(self.block_begins, len(self.run_rows))
        of_runs = np.append(self.run_begins, len(self.x))
        for first in range(0, len(self.grid), size):
            series = slice(first, min(first + size, len(self.grid)))
            blocks = slice(of_series[series.start], of_series[series.stop])
            runs = slice(of_blocks[blocks.start], of_blocks[blocks.stop])
            rows = slice(of_runs[runs.start], of_runs[runs.stop])
            yield series, runs, self._cut(rows, runs, blocks, series)

    def at(self, x: Floats) -> Pool:
        """Put the rows at other times."""
        return replace(self, x=x)

    def _cut(
        self,
        rows: Bools | slice,
        runs: Bools | slice,
        blocks: Bools | slice,
        series: Bools | slice,
    ) -> Pool:
        return Pool(
            self.x[rows],
            self.value[rows],
            self.lower[rows],
            self.upper[rows],
            self.run_rows[runs],
            self.block_runs[blocks],
            self.series_blocks[series],
            self.grid[series],
        )


def pool_rows(
    series: npt.ArrayLike | pd.Series[Any],
    time: npt.ArrayLike,
    value: npt.ArrayLike,
    *,
    run: npt.ArrayLike | pd.Series[Any] | None,
    block: npt.ArrayLike | pd.Series[Any] | None,
) -> tuple[pd.DataFrame, Pool]:
    """Sort by series (in order of first appearance), block, run, time; refuse missing numbers.

    Returns one row per run (``series, run``) beside the rows.
    """
    keys = {"series": factorise(series)}
    keys["block"] = keys["series"] if block is None else factorise(block)
    keys["run"] = keys["series"] if run is None else factorise(run)
    columns = {"time": np.asarray(time, dtype=float), "value": np.asarray(value, dtype=float)}
    _check({name: codes for name, (codes, _) in keys.items()}, columns)
    by = [columns["value"], columns["time"], *(codes for codes, _ in reversed(keys.values()))]
    order = np.lexsort(by)
    codes = np.stack([codes[order] for codes, _ in keys.values()])
    times, values = columns["time"][order], columns["value"][order]
    # a run begins where its own code changes or that of anything it belongs to; so does a block
    changes = np.diff(codes, prepend=-1) != 0
    begins = [np.flatnonzero(changes[: depth + 1].any(axis=0)) for depth in range(3)]
    run_rows = np.diff(np.append(begins[2], len(values)))
    block_runs = np.diff(np.append(np.searchsorted(begins[2], begins[1]), len(begins[2])))
    series_blocks = np.diff(np.append(np.searchsorted(begins[1], begins[0]), len(begins[1])))
    since = times - np.repeat(times[begins[2]], run_rows)
    exact = np.zeros(len(begins[0]))
    pool = Pool(since, values, values, values, run_rows, block_runs, series_blocks, exact)
    names = {
        name: keys[name][1][codes[row, begins[2]]] for row, name in ((0, "series"), (2, "run"))
    }
    return pd.DataFrame(names), pool


def _check(keys: dict[str, Ints], columns: dict[str, Floats]) -> None:
    """Refuse columns of different lengths, and those that lack a label or a number."""
    lengths = [len(column) for column in (*keys.values(), *columns.values())]
    if len(set(lengths)) > 1:
        raise CannotAnswerError(
            f"series, block, run, time and value have {lengths} rows. Pass columns of one table."
        )
    for name, codes in keys.items():
        refuse_missing(name, codes < 0)
    for name, numbers in columns.items():
        refuse_missing(name, ~np.isfinite(numbers))
