"""Does a simulated cohort look as intended?

``TARGETS`` are the features the assumptions were tuned to: clinical expectation, mostly without a
source. A feature is met within a fifth of its target. ``measure_features`` reads them off the
tables of a trial, as one would from real data.
"""

from __future__ import annotations

import pandas as pd

from gradex_analysis.simulation.assumptions import DEFAULT
from gradex_analysis.simulation.draws import PREPARATION, WEEKS
from gradex_analysis.simulation.instruments import ACTIVITY, EXPOSURE

TOLERANCE = 0.20
PATIENTS = 90  # the counts below are those of a trial of 90

TARGETS: dict[str, float] = {
    "assessed at post": 80 / PATIENTS,
    "assessed at follow-up": 72 / PATIENTS,
    "stopped exposure": 5 / 28,
    "stopped activity": 4 / 29,
    "ratings in tens": 0.65,
    "ratings in fives": 0.92,
    "courses falling": 0.60,
    "courses flat": 0.25,
    "courses rising": 0.15,
    "first exposure: initial": 52.0,
    "first exposure: initial, SD": 20.0,
    "first exposure: peak": 62.0,
    "first exposure: peak, SD": 19.0,
    "first exposure: last": 41.0,
    "first exposure: last, SD": 21.0,
    "first exposure: expected above peak": 9.0,
    "second exposure: peak lower by": 8.0,
    "second exposure: peak lower by, SD": 13.0,
    "third exposure: share of that fall": 2 / 3,
    "stopped by plan": 0.83,
    "stopped by patient": 0.08,
    "stopped for fear": 0.05,
    "stopped for pain": 0.03,
    "stopped by therapist": 0.02,
    "stopped for time": 0.04,
    "stopped, cause unknown": 0.03,
    "refused": 0.04,
    "planned, not done": 0.06,
    "expectancy before": 68.0,
    "expectancy before, SD": 22.0,
    "expectancy after": 44.0,
    "expectancy after, SD": 24.0,
    "occurred: no": 0.78,
    "occurred: partly": 0.13,
    "occurred: yes": 0.06,
    "occurred: not testable": 0.03,
    "safety behaviours, early": 0.55,
    "safety behaviours, late": 0.25,
    "safety behaviours not recorded": 0.15,
    "pain": 4.8,
    "pain, SD": 1.9,
    "flare": 0.09,
    "adverse events": 11 / PATIENTS,
    "exposures in sessions": 500 / PATIENTS,
    "homework logged": 400 / PATIENTS,
    "fear ratings in sessions": 2750 / PATIENTS,
    "fear ratings of homework": 1150 / PATIENTS,
    "TSK-11 at baseline and post: correlation": 0.6,
    "NRS at baseline and post: correlation": 0.5,
    "TSK-11 and PCS at baseline: correlation": 0.6,
}
#: An upper limit, not a target to be near.
MOST_RATINGS_AT_ENDS = 0.05

Tables = dict[str, pd.DataFrame]


def measure_features(tables: Tables) -> dict[str, float]:
    """Return each feature of ``TARGETS`` as found in a trial's tables, and "ratings at ends"."""
    exposures, ratings = _fear_tables(tables)
    in_session = exposures[~exposures["is_homework"]]
    return {
        **_leaving(tables),
        **_rounding(ratings),
        **_courses(in_session),
        **_first_exposures(in_session),
        **_stops(in_session),
        **_expectancies(exposures),
        **_safety(exposures, tables),
        **_harm(in_session, tables),
        **_counts(exposures, ratings, tables),
        **_correlations(tables),
    }


def _fear_tables(tables: Tables) -> tuple[pd.DataFrame, pd.DataFrame]:
    exposures = tables["exposures"]
    exposures = exposures[exposures["item_id"].notna()]
    exposures = exposures.assign(is_homework=exposures["is_homework"] == "yes")
    fear = tables["ratings"].query("kind == 'fear'")
    fear = fear.assign(value=fear["value"].where(fear["scale_id"] == "0-100", 10 * fear["value"]))
    during = fear[fear["moment"] == "during"].groupby("exposure_id")["value"]
    indices = during.agg(initial="first", peak="max", low="min", last="last", n="count")
    return exposures.merge(indices.reset_index(), on="exposure_id", how="left"), fear


def _leaving(tables: Tables) -> dict[str, float]:
    n = len(tables["participants"])
    tsk = tables["assessments"].query("instrument == 'TSK-11'")["occasion"].value_counts()
    episodes = tables["episodes"].query("treatment_end_reason != 'never_started'")
    stopped = episodes["treatment_end_reason"].eq("stopped").groupby(episodes["treatment"]).mean()
    return {
        "assessed at post": tsk["post"] / n,
        "assessed at follow-up": tsk["followup_26w"] / n,
        "stopped exposure": stopped[EXPOSURE],
        "stopped activity": stopped[ACTIVITY],
    }


def _rounding(ratings: pd.DataFrame) -> dict[str, float]:
    value = ratings["value"]
    return {
        "ratings in tens": (value % 10 == 0).mean(),
        "ratings in fives": (value % 5 == 0).mean(),
        "ratings at ends": value.isin([0, 100]).mean(),
    }


def _courses(exposures: pd.DataFrame) -> dict[str, float]:
    some = exposures[exposures["n"] >= 3]
    is_flat = some["peak"] - some["low"] <= 10
    falls = some["last"] < some["initial"]
    return {
        "courses flat": is_flat.mean(),
        "courses falling": (~is_flat & falls).mean(),
        "courses rising": (~is_flat & ~falls).mean(),
    }


def _first_exposures(exposures: pd.DataFrame) -> dict[str, float]:
    first = exposures[exposures["exposure_number"] == 1]
    over = first["expected_peak_fear"] - first["peak"]
    features = {"first exposure: expected above peak": over.mean()}
    for name in ("initial", "peak", "last"):
        features[f"first exposure: {name}"] = first[name].mean()
        features[f"first exposure: {name}, SD"] = first[name].std()
    peaks = exposures.dropna(subset=["exposure_number"]).pivot_table(
        index="item_id", columns="exposure_number", values="peak"
    )
    fall, next_fall = peaks[1] - peaks[2], peaks[2] - peaks[3]
    features["second exposure: peak lower by"] = fall.mean()
    features["second exposure: peak lower by, SD"] = fall.std()
    features["third exposure: share of that fall"] = (
        next_fall.mean() / fall[next_fall.notna()].mean()
    )
    return features


def _stops(exposures: pd.DataFrame) -> dict[str, float]:
    done = exposures[exposures["status"].isin(["done", "partial"])]
    by, cause = done["stopped_by"], done["stop_cause"]
    features = {f"stopped by {who}": by.eq(who).mean() for who in ("plan", "patient", "therapist")}
    features |= {f"stopped for {why}": cause.eq(why).mean() for why in ("fear", "pain", "time")}
    return features | {
        "stopped, cause unknown": cause.eq("unknown").mean(),
        "refused": exposures["status"].eq("refused").mean(),
        "planned, not done": exposures["status"].eq("not_done").mean(),
    }


def _expectancies(exposures: pd.DataFrame) -> dict[str, float]:
    first = exposures[exposures["exposure_number"] == 1]
    features: dict[str, float] = {}
    for when in ("before", "after"):
        features[f"expectancy {when}"] = first[f"expectancy_{when}"].mean()
        features[f"expectancy {when}, SD"] = first[f"expectancy_{when}"].std()
    done = exposures[exposures["exposure_number"].notna()]["occurrence"]
    word = pd.cut(done, [-1, *DEFAULT.expectancy.words, 101], labels=["no", "partly", "yes"])
    share = word.astype("str").where(done.notna(), "not testable").value_counts(normalize=True)
    return features | {f"occurred: {name}": share[name] for name in share.index}


def _safety(exposures: pd.DataFrame, tables: Tables) -> dict[str, float]:
    used = tables["safety_behaviours"].assign(is_used=lambda rows: rows["used"].ne("none"))
    recorded = used[used["used"] != "not_recorded"].groupby("exposure_id")["is_used"].any()
    session = exposures["session_id"].fillna(exposures["assigned_in"])
    week = session.str.split("-S").str[1].astype("int64") - PREPARATION
    rows = recorded.reset_index().merge(exposures.assign(week=week), on="exposure_id")
    return {
        "safety behaviours, early": rows.loc[rows["week"] <= 3, "is_used"].mean(),
        "safety behaviours, late": rows.loc[rows["week"] >= WEEKS - 2, "is_used"].mean(),
        "safety behaviours not recorded": used["used"].eq("not_recorded").mean(),
    }


def _harm(exposures: pd.DataFrame, tables: Tables) -> dict[str, float]:
    rated = tables["ratings"].query("kind == 'pain'")
    pain = rated.loc[rated["exposure_id"].isin(exposures["exposure_id"]), "value"]
    flare = exposures["flare"].dropna()
    return {
        "pain": pain.mean(),
        "pain, SD": pain.std(),
        "flare": flare.eq("yes").mean(),
        "adverse events": len(tables["adverse_events"]) / len(tables["participants"]),
    }


def _counts(exposures: pd.DataFrame, ratings: pd.DataFrame, tables: Tables) -> dict[str, float]:
    n = len(tables["participants"])
    done = exposures[exposures["status"].isin(["done", "partial"])]
    at_home = done[done["is_homework"]]["exposure_id"]
    is_home = ratings["exposure_id"].isin(at_home)
    return {
        "exposures in sessions": (~done["is_homework"]).sum() / n,
        "homework logged": len(at_home) / n,
        "fear ratings in sessions": (~is_home).sum() / n,
        "fear ratings of homework": is_home.sum() / n,
    }


def _correlations(tables: Tables) -> dict[str, float]:
    wide = tables["assessments"].pivot_table(
        index="patient_id", columns=["instrument", "occasion"], values="score"
    )
    baseline = {name: wide[name]["baseline"] for name in ("TSK-11", "NRS", "PCS")}
    features = {
        f"{name} at baseline and post: correlation": baseline[name].corr(wide[name]["post"])
        for name in ("TSK-11", "NRS")
    }
    between = baseline["TSK-11"].corr(baseline["PCS"])
    return features | {"TSK-11 and PCS at baseline: correlation": between}
