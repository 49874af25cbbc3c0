"""How much worse must the missing values be before the finding changes?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from gradex_analysis.cohort.codes import named
from gradex_analysis.comparison.say import decimals_for
from gradex_analysis.comparison.shift import Shift, measure_shift
from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.results import wording

OTHER_ARMS, ALL_ARMS = "other arms", "all arms"  #: where delta is added: all but the reference, all
WHERE = {OTHER_ARMS: "all arms but the reference", ALL_ARMS: "all arms"}
STEPS = 10  #: of a tenth of the SD each, up to one SD
#: of a step, until the tipping point is known to a millionth of it
HALVINGS = 20
KEYS = ["arm", "reference", "occasion", "added_to"]
COLUMNS = [
    *KEYS, "delta", "estimate", "std_error", "ci_low", "ci_high", "df", "p_value", "overturned",
]  # fmt: skip


def adjust(
    contrasts: pd.DataFrame,
    patients: pd.DataFrame,
    *,
    better: str,
    sd: float | Mapping[tuple[str, str], float],
    deltas: Sequence[float] | None = None,
    adjusted_for: Sequence[str] = (),
) -> pd.DataFrame:
    """Add delta to the values missing at an occasion, under missing at random otherwise.

    ``estimate + delta w``, where ``w`` is the difference in the share missing as the model adjusts
    it (``measure_shift``): on average what analysing imputed values with delta added gives, exactly
    for ANCOVA and for MMRM with one covariance and covariates at every occasion; for other models
    the mean at that occasion over those seen and those not. Its variance is ``std_error^2 + 2 delta
    cov + delta^2 var(w)``, its df the model's. Delta keeps the scale's sign and runs towards worse,
    a tenth of ``sd`` a step, up to one SD or to the tipping point itself, where the finding (lower,
    higher, not told) changes; both ways where nobody knows which is better. The user's ``deltas``
    are tried as they are.

    Parameters
    ----------
    contrasts
        ``arm, reference, estimate, std_error, df`` and perhaps ``occasion``.
    patients
        One row per patient and occasion: ``arm, occasion, is_missing``, what the model was
        ``adjusted_for``, and perhaps ``residual`` (``expect_residuals``; 0 without).
    sd
        The pooled SD; by (arm, occasion) where it is not one for all. Where there is none, the
        contrast's standard error stands in.
    """
    if better not in ("lower", "higher", ""):
        raise UnknownNameError("better", better, ("lower", "higher", ""))
    rows = [
        {**dict(zip(KEYS, keys, strict=True)), **numbers}
        for keys, contrast, shift in _shifts(contrasts, patients, adjusted_for)
        for walk in _walks(_unit_of(sd, keys, contrast), better, deltas)
        for numbers in _try(contrast, shift, walk, until_overturned=deltas is None)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def find_tipping(adjusted: pd.DataFrame) -> pd.DataFrame:
    """Find the smallest delta that overturns each finding; NaN where none of those tried does.

    Returns
    -------
    DataFrame
        ``arm, reference, occasion, added_to, delta`` and ``furthest``, the largest delta tried
        (both with the scale's sign).
    """
    size = adjusted["delta"].abs()
    ordered = adjusted.assign(size=size).sort_values("size", kind="stable")
    groups = ordered.groupby(KEYS, sort=False)
    tried = groups["delta"].last().rename("furthest").to_frame()
    first = ordered[ordered["overturned"].astype("bool")].groupby(KEYS, sort=False)["delta"].first()
    found = tried.assign(delta=first.reindex(tried.index)).reset_index()
    in_order = adjusted[KEYS].drop_duplicates().merge(found, on=KEYS, how="left")
    return in_order[[*KEYS, "delta", "furthest"]].astype({"delta": "float64"})


def say_tipping(found: pd.DataFrame, *, unit: str = "", digits: int = 1, better: str = "") -> str:
    """Say from which delta on each finding changes; up to three contrasts one by one."""
    if found.empty:
        return "No value is missing: there is nothing to which a delta could be added."
    worse = {"lower": "higher is worse", "higher": "lower is worse", "": "either way"}[better]
    scale = f"in {unit}, {worse}" if unit else worse
    lead = (
        "Tipping point (what must be added to the missing values, otherwise missing at random, "
        f"before the finding changes; {scale})"
    )
    contrasts = found.groupby(KEYS[:3], sort=False)
    if contrasts.ngroups <= 3:
        told = [_say_one(own, digits) for _, own in contrasts]
        return f"{lead}: {'; '.join(told)}."
    in_others = found[found["added_to"] == OTHER_ARMS]
    changed = in_others.dropna(subset="delta")
    if changed.empty:
        return f"{lead}: none of {len(in_others)} findings changes within the deltas tried."
    first = changed.sort_values("delta", key=abs, kind="stable").iloc[0]
    return (
        f"{lead}: {len(changed)} of {len(in_others)} findings change within the deltas tried, the "
        f"first at {say_delta(first['delta'], digits)} ({_say_contrast(first)})."
    )


def expect_residuals(residuals: pd.DataFrame, covariance: pd.DataFrame) -> pd.DataFrame:
    """Return what the model expects of every residual, given those seen of the same patient.

    ``E[e_m | e_o] = S_mo S_oo^-1 e_o``: a residual that was seen is itself, and 0 is expected of a
    patient of whom nothing was seen.

    Parameters
    ----------
    residuals
        Patients by occasions, NaN where missing.
    covariance
        Their covariance, occasions by occasions.
    """
    sigma = covariance.loc[residuals.columns, residuals.columns].to_numpy(dtype="float64")
    values = residuals.to_numpy(dtype="float64")
    seen = ~np.isnan(values)
    expected = np.where(seen, values, 0.0)
    for pattern in np.unique(seen, axis=0):
        if pattern.any() and not pattern.all():
            rows = (seen == pattern).all(axis=1)
            slopes = np.linalg.solve(
                sigma[np.ix_(pattern, pattern)], sigma[np.ix_(pattern, ~pattern)]
            )
            expected[np.ix_(rows, ~pattern)] = values[np.ix_(rows, pattern)] @ slopes
    return pd.DataFrame(expected, index=residuals.index, columns=residuals.columns)


@dataclass(frozen=True)
class _Contrast:
    estimate: float
    variance: float
    df: float


def _shifts(
    contrasts: pd.DataFrame, patients: pd.DataFrame, adjusted_for: Sequence[str]
) -> Iterator[tuple[tuple[str, str, str, str], _Contrast, Shift]]:
    """Yield each contrast with either shift; none where delta would be added to nobody of it."""
    told = contrasts if "occasion" in contrasts else contrasts.assign(occasion="")
    for _, row in told.iterrows():
        arm, reference, occasion = (str(row[name]) for name in KEYS[:3])
        own = patients[patients["occasion"].astype("str") == occasion]
        contrast = _Contrast(float(row["estimate"]), float(row["std_error"]) ** 2, float(row["df"]))
        for added_to in (OTHER_ARMS, ALL_ARMS):
            touched = own["is_missing"].astype("bool")
            if added_to == OTHER_ARMS:
                touched &= own["arm"] != reference
            if touched[own["arm"].isin([arm, reference])].any():
                shift = measure_shift(own, touched, (arm, reference), adjusted_for)
                yield (arm, reference, occasion, added_to), contrast, shift


def _unit_of(
    sd: float | Mapping[tuple[str, str], float], keys: Sequence[str], contrast: _Contrast
) -> float:
    own = float(sd[keys[0], keys[2]] if isinstance(sd, Mapping) else sd)
    return own if np.isfinite(own) and own > 0 else float(np.sqrt(contrast.variance))


def _walks(unit: float, better: str, deltas: Sequence[float] | None) -> list[list[float]]:
    """Return the deltas to try, one list per direction."""
    if deltas is not None:
        if not len(deltas) or not np.isfinite(deltas).all():
            raise CannotAnswerError("delta needs one or more numbers, in the outcome's own units.")
        return [list(map(float, deltas))]
    away = [unit * step / STEPS for step in range(STEPS + 1)]
    back = [-delta for delta in away]
    if not better:
        return [away, back[1:]]
    return [away if better == "lower" else [0.0, *back[1:]]]


def _try(
    contrast: _Contrast, shift: Shift, walk: Sequence[float], *, until_overturned: bool
) -> Iterator[dict[str, Any]]:
    as_it_stands = _finding(_numbers(contrast, shift, 0.0))

    def _is_overturned(delta: float) -> bool:
        return _finding(_numbers(contrast, shift, delta)) != as_it_stands

    before = 0.0
    for delta in walk:
        ends = _is_overturned(delta) and until_overturned
        at = _narrow(_is_overturned, before, delta) if ends else delta
        yield {"delta": at, **_numbers(contrast, shift, at), "overturned": _is_overturned(at)}
        if ends:
            return
        before = delta


def _narrow(is_overturned: Callable[[float], bool], holds: float, overturned: float) -> float:
    """Return where, between two steps, the finding turns: the nearer side of it that has turned."""
    for _ in range(HALVINGS):
        middle = (holds + overturned) / 2
        if is_overturned(middle):
            overturned = middle
        else:
            holds = middle
    return overturned


def _numbers(contrast: _Contrast, shift: Shift, delta: float) -> dict[str, float]:
    estimate = contrast.estimate + delta * shift.share
    variance = contrast.variance + 2 * delta * shift.covariance + delta**2 * shift.variance
    std_error = float(np.sqrt(variance))
    half = float(special.stdtrit(contrast.df, 0.975)) * std_error
    return {
        "estimate": estimate,
        "std_error": std_error,
        "ci_low": estimate - half,
        "ci_high": estimate + half,
        "df": contrast.df,
        "p_value": 2 * float(special.stdtr(contrast.df, -abs(estimate) / std_error)),
    }


def _finding(numbers: Mapping[str, float]) -> int:
    """Return -1 for lower, 1 for higher, 0 where the interval does not tell."""
    return int(numbers["ci_low"] > 0) - int(numbers["ci_high"] < 0)


def _say_one(own: pd.DataFrame, digits: int) -> str:
    told = [
        f"{_say_row(row, digits)} if added in {WHERE[row['added_to']]}" for _, row in own.iterrows()
    ]
    return f"{_say_contrast(own.iloc[0])}, {', '.join(told)}"


def _say_row(row: pd.Series, digits: int) -> str:
    if pd.isna(row["delta"]):
        return f"none up to {wording.number(row['furthest'], digits)}"
    return say_delta(row["delta"], digits)


def say_delta(delta: float, digits: int) -> str:
    """Say a tipping point, which may be near 0, in decimals that show that it is not 0."""
    return wording.number(delta, decimals_for(delta, digits + 1))


def _say_contrast(row: pd.Series) -> str:
    at = f" at {named(row['occasion'])}" if row["occasion"] else ""
    return f"{named(row['arm'])} against {named(row['reference'])}{at}"
