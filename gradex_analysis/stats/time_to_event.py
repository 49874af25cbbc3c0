"""Which share had it happen by when, where for some it had not happened when watching ended?"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

Floats = npt.NDArray[np.float64]


def share_by_time(
    time: npt.ArrayLike,
    happened: npt.ArrayLike,
    cluster: npt.ArrayLike,
    *,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Estimate the share in whom it has happened by each time: 1 - Kaplan-Meier.

    Things of one cluster (items of a patient) are alike: the standard error is the jackknife's,
    one cluster left out at a time, and the interval is made on ``log(-log S)`` with t of the
    clusters less one. Right where those no longer watched are like those still watched. Times are
    exact, so that nothing has to be drawn; ``survival`` takes times between two looks.

    Parameters
    ----------
    time, happened
        When it happened, or when watching ended without it.
    cluster
        Whose it is.

    Returns
    -------
    DataFrame
        One row per time at which it happened or watching ended: ``time, n_at_risk, n_happened,
        n_censored, estimate, std_error, ci_low, ci_high, df``; no interval at a share of 0 or 1,
        with one cluster, or where one cluster alone is left.

    References
    ----------
    Kaplan & Meier (1958), doi:10.1080/01621459.1958.10501452
    """
    at = np.asarray(time, dtype="float64")
    is_event = np.asarray(happened, dtype=np.bool_)
    who = pd.factorize(np.asarray(cluster))[0]
    times = np.unique(at)
    events, at_risk = _count(at, is_event, who, times)
    total_events, total = events.sum(axis=0), at_risk.sum(axis=0)
    staying = _product(total_events, total)
    n = len(events)
    std_error = _jackknife(total_events - events, total - at_risk) if n > 1 else staying * np.nan
    low, high = _ends(staying, std_error, n - 1, confidence)
    left = np.array([(at == one).sum() for one in times], dtype="float64") - total_events
    return pd.DataFrame(
        {
            "time": times,
            "n_at_risk": total.astype("int64"),
            "n_happened": total_events.astype("int64"),
            "n_censored": left.astype("int64"),
            "estimate": 1 - staying,
            "std_error": std_error,
            "ci_low": 1 - high,
            "ci_high": 1 - low,
            "df": float(n - 1),
        }
    )


def time_by_which(curve: pd.DataFrame, share: float = 0.5) -> dict[str, float]:
    """Return the first time by which the share is reached, with its interval; NaN where never.

    The interval holds the times at which the curve's own does not leave the share out.
    """

    def first(column: str) -> float:
        reached = curve.loc[curve[column] >= share - 1e-12, "time"]
        return float(reached.iloc[0]) if len(reached) else np.nan

    return {"estimate": first("estimate"), "ci_low": first("ci_high"), "ci_high": first("ci_low")}


def _count(
    at: Floats, is_event: npt.NDArray[np.bool_], who: npt.NDArray[np.intp], times: Floats
) -> tuple[Floats, Floats]:
    """Count events and those at risk by cluster and time."""
    shape = (int(who.max(initial=-1)) + 1, len(times))
    place = np.searchsorted(times, at)
    events, ended = np.zeros(shape), np.zeros(shape)
    np.add.at(events, (who[is_event], place[is_event]), 1.0)
    np.add.at(ended, (who, place), 1.0)
    return events, ended[:, ::-1].cumsum(axis=1)[:, ::-1]


def _product(events: Floats, at_risk: Floats) -> Floats:
    with np.errstate(invalid="ignore"):  # nobody at risk: nothing is known from here on
        return np.asarray(np.cumprod(1 - events / at_risk, axis=-1))


def _jackknife(events: Floats, at_risk: Floats) -> Floats:
    """Return the standard error of S from its values without each cluster."""
    without = _product(events, at_risk)
    n = len(without)
    spread = ((without - without.mean(axis=0)) ** 2).sum(axis=0)
    return np.asarray(np.sqrt((n - 1) / n * spread))


def _ends(staying: Floats, std_error: Floats, df: int, confidence: float) -> tuple[Floats, Floats]:
    inside = (staying > 0) & (staying < 1) & (std_error > 0)
    low, high = np.full(len(staying), np.nan), np.full(len(staying), np.nan)
    if inside.any():
        s = staying[inside]
        # the delta method: log(-log S) has the derivative 1 / (S log S)
        half = special.stdtrit(df, (1 + confidence) / 2) * std_error[inside] / (s * -np.log(s))
        low[inside], high[inside] = s ** np.exp(half), s ** np.exp(-half)
    return low, high
