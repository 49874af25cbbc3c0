"""Which rows make up each series, and is there anything missing among them?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.stats.decay_profile import Bools, Floats, Ints


@dataclass(frozen=True)
class SortedRows:
    """Rows by series, then time; ``known`` is the given start of each series, if any."""

    labels: pd.Index[Any]
    time: Floats
    value: Floats
    counts: Ints
    known: Floats | None

    @property
    def parameters(self) -> int:
        return 3 if self.known is None else 2

    @property
    def begins(self) -> Ints:
        return np.cumsum(self.counts) - self.counts

    def only(self, series: Bools) -> SortedRows:
        rows = np.repeat(series, self.counts)
        known = None if self.known is None else self.known[series]
        return SortedRows(
            self.labels[series], self.time[rows], self.value[rows], self.counts[series], known
        )

    def blocks(self, size: int) -> Iterator[tuple[slice, SortedRows]]:
        """Cut into blocks of whole series; yield the place of each block's series."""
        edges = np.append(self.begins, len(self.time))
        for first in range(0, len(self.counts), size):
            place = slice(first, min(first + size, len(self.counts)))
            rows = slice(edges[place.start], edges[place.stop])
            known = None if self.known is None else self.known[place]
            yield (
                place,
                SortedRows(
                    self.labels[place], self.time[rows], self.value[rows], self.counts[place], known
                ),
            )


def sort_rows(
    series: npt.ArrayLike | pd.Series[Any],
    time: npt.ArrayLike,
    value: npt.ArrayLike,
    start: npt.ArrayLike | None,
) -> SortedRows:
    """Sort by series (in order of first appearance), time and value; refuse missing numbers."""
    codes, labels = factorise(series)
    times, values = np.asarray(time, dtype=float), np.asarray(value, dtype=float)
    if not len(codes) == len(times) == len(values):
        raise CannotAnswerError(
            f"series, time and value have {len(codes)}, {len(times)} and {len(values)} rows. "
            "Pass columns of one table."
        )
    refuse_missing("series", codes < 0)
    refuse_missing("time", ~np.isfinite(times))
    refuse_missing("value", ~np.isfinite(values))
    if not _is_sorted(codes, times, values):
        order = np.lexsort((values, times, codes))
        times, values = times[order], values[order]
    counts = np.bincount(codes, minlength=len(labels)).astype(np.int64)
    known = None if start is None else _spread_start(start, len(labels))
    return SortedRows(labels, times, values, counts, known)


def factorise(series: npt.ArrayLike | pd.Series[Any]) -> tuple[Ints, pd.Index[Any]]:
    """Return the code of each row (-1 where missing) and the labels, by first appearance."""
    # an index of a million texts costs more than their codes: only lists become one first
    keys: Any = series if isinstance(series, np.ndarray | pd.Series) else pd.Index(series)  # type: ignore[arg-type]  # stubs lack arrays
    codes, labels = pd.factorize(keys)
    return codes, pd.Index(labels)


def refuse_missing(name: str, missing: Bools) -> None:
    """Raise with the positions of what is missing, if anything is."""
    if missing.any():
        positions = np.flatnonzero(missing)
        shown = ", ".join(map(str, positions[:5]))
        raise CannotAnswerError(
            f"{name} is missing or infinite at {len(positions)} of {len(missing)} positions "
            f"(first: {shown}). Remove and count these rows first."
        )


def _is_sorted(codes: Ints, times: Floats, values: Floats) -> bool:
    by_code, by_time, by_value = (np.diff(key) for key in (codes, times, values))
    tied_in_order = (by_time > 0) | ((by_time == 0) & (by_value >= 0))
    return bool(np.all((by_code > 0) | ((by_code == 0) & tied_in_order)))


def _spread_start(start: npt.ArrayLike, n_series: int) -> Floats:
    given = np.asarray(start, dtype=float)
    if given.shape not in {(), (n_series,)}:
        raise CannotAnswerError(
            f"start has shape {given.shape} for {n_series} series. "
            "Pass one number, or one per series in order of first appearance."
        )
    known: Floats = np.array(np.broadcast_to(given, n_series))
    refuse_missing("start", ~np.isfinite(known))
    return known
