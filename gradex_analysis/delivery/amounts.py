"""How much was delivered, arm by arm, and how much of what was planned?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from gradex_analysis.measures.carried_out import NOT_RECORDED, STATES

#: what is summarised over patients: the column of the tally, the column that says it was on offer,
#: and the column that says there was something to record
MEASURES = {
    "sessions attended": ("n_attended", "n_sessions", "n_sessions"),
    "exposures carried out": ("n_carried_out", "n_exposures", "n_exposures"),
    "items": ("n_items", "n_exposures", "n_carried_out"),
    "contexts": ("n_contexts", "n_exposures", "n_carried_out"),
    "minutes of exposure": ("minutes_done", "n_exposures", "n_carried_out"),
    "homework carried out": ("n_homework_done", "n_homework", "n_exposures"),
    "activities carried out": ("n_activities_done", "n_activities", "n_activities"),
}
PLANNED = ("minutes", "repetitions", "quantity")
KEYS = ["arm", "what", "measure", "unit"]
COMPARED = ["n_either", "n", "planned", "done", "share_as_planned", "median_ratio"]


def summarise_dose(tally: pd.DataFrame) -> pd.DataFrame:
    """Summarise each measure over the patients of each arm in which it was on offer.

    Returns
    -------
    DataFrame
        ``arm, measure, n`` (patients with a number), ``n_missing`` (not recorded), ``median, q1,
        q3`` (linear interpolation), ``min, max, total``. Patients who did nothing count with 0,
        unless nobody else's was recorded.
    """
    rows = [
        {"arm": arm, "measure": measure, **_describe(own[column], told=own[base] > 0)}
        for arm, own in tally.groupby("arm", sort=True)
        for measure, (column, offered, base) in MEASURES.items()
        if own[offered].sum() > 0
    ]
    names = ["arm", "measure", "n", "n_missing", "median", "q1", "q3", "min", "max", "total"]
    return pd.DataFrame(rows, columns=names)


def compare_planned_done(exposures: pd.DataFrame) -> pd.DataFrame:
    """Set what was done against what was planned, over the exposures carried out.

    Returns
    -------
    DataFrame
        ``arm, what, measure, unit, n_either, n`` (with either and with both numbers),
        ``planned, done`` (sums over these), ``share_as_planned`` (done at least as much as planned,
        0 to 1), ``median_ratio`` (done / planned, where more than nothing was planned). A
        quantity has a row per unit.
    """
    measured = [_pairs(exposures[exposures["carried_out"]], name) for name in PLANNED]
    pairs = pd.concat(measured, ignore_index=True)
    rows = [
        dict(zip(KEYS, keys, strict=True)) | _compare(own)
        for keys, own in pairs.groupby(KEYS, sort=True)
    ]
    return pd.DataFrame(rows, columns=[*KEYS, *COMPARED])


def count_statuses(exposures: pd.DataFrame) -> pd.DataFrame:
    """Count what became of the planned: ``arm, what, homework, state, n``; each exposure once."""
    counts = exposures.groupby(["arm", "what", "homework", "state"]).size()
    groups = exposures[["arm", "what", "homework"]].drop_duplicates()
    cells = groups.sort_values(["arm", "what", "homework"]).merge(
        pd.Series(STATES, name="state"), how="cross"
    )
    n = counts.reindex(pd.MultiIndex.from_frame(cells), fill_value=0)
    return cells.assign(n=n.to_numpy())


def count_stops(exposures: pd.DataFrame) -> pd.DataFrame:
    """Count who ended what was carried out, and why: ``arm, what, stopped_by, stop_cause, n``."""
    done = exposures[exposures["carried_out"]]
    keys = ["arm", "what", "stopped_by", "stop_cause"]
    told = done.fillna({"stopped_by": NOT_RECORDED, "stop_cause": NOT_RECORDED})
    return told.groupby(keys).size().rename("n").reset_index()


def count_breaks(exposures: pd.DataFrame, breaks: pd.DataFrame, *, recorded: bool) -> pd.DataFrame:
    """Count breaks: ``arm, what, n_carried_out, n_with_break, n_breaks, n_open, minutes``.

    ``n_open`` have no end; ``minutes`` are those of the others. Missing where not ``recorded``.
    """
    keys = ["patient_id", "exposure_id"]
    minutes = (breaks["end_minute"] - breaks["start_minute"]).groupby([breaks[k] for k in keys])
    own = pd.DataFrame(
        {"n_breaks": minutes.size(), "minutes": minutes.sum(), "known": minutes.count()}
    )
    done = exposures[exposures["carried_out"]].join(own, on=keys)
    done = done.assign(
        n_carried_out=1,
        n_with_break=done["n_breaks"].notna(),
        n_open=done["n_breaks"] - done["known"],
    )
    names = ["n_carried_out", "n_with_break", "n_breaks", "n_open", "minutes"]
    table = done.groupby(["arm", "what"])[names].sum()
    table = table.astype(dict.fromkeys(names[:-1], "Int64"))
    table = table.astype({"minutes": "float64"})
    if not recorded:
        table = table.assign(**{name: table[name].where(table[name].isna()) for name in names[1:]})
    return table.reset_index()


def _describe(values: pd.Series, *, told: pd.Series) -> dict[str, float]:
    known = values.dropna().to_numpy(dtype="float64")
    if told.any() and values[told].isna().all():  # then the 0 of the others says nothing
        known = known[:0]
    counts = {"n": len(known), "n_missing": len(values) - len(known)}
    if not len(known):
        return counts | dict.fromkeys(["median", "q1", "q3", "min", "max", "total"], np.nan)
    q1, median, q3 = np.quantile(known, [0.25, 0.5, 0.75])
    ends = {"min": known.min(), "max": known.max(), "total": known.sum()}
    return counts | {"median": median, "q1": q1, "q3": q3} | ends


def _pairs(done: pd.DataFrame, measure: str) -> pd.DataFrame:
    planned, carried_out = done[f"planned_{measure}"], done[f"done_{measure}"]
    unit = done["quantity_unit"].fillna(NOT_RECORDED) if measure == "quantity" else measure
    pairs = done[["arm", "what"]].assign(
        measure=measure, unit=unit, planned=planned, done=carried_out
    )
    # of exposures that have neither, nobody measured this
    return pairs[planned.notna() | carried_out.notna()]


def _compare(pairs: pd.DataFrame) -> dict[str, float]:
    both = pairs.dropna(subset=["planned", "done"])
    ratio = (both["done"] / both["planned"])[both["planned"] > 0]
    return {
        "n_either": len(pairs),
        "n": len(both),
        "planned": both["planned"].sum(),
        "done": both["done"].sum(),
        "share_as_planned": (both["done"] >= both["planned"]).mean(),
        "median_ratio": ratio.median(),
    }
