"""How does a clinic write its exposures down: one wide paper form, fear before, peak and after?"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

Tables = dict[str, pd.DataFrame]

#: Column of the form: rating it holds (kind, moment), each on the therapist's own scale.
FORM_RATINGS = {
    "fear before": ("fear", "before"),
    "fear max": ("fear", "peak_recalled"),
    "fear after": ("fear", "after"),
    "pain before": ("pain", "before"),
    "pain after": ("pain", "after"),
}


def write_forms(tables: Tables, folder: Path) -> list[Path]:
    """Write ``exposure_forms.csv`` and ``questionnaires.csv`` (``;``, decimal comma, UTF-8).

    Columns of the forms: patient, date, session, therapist, item, homework, fear before, fear
    max, fear after, pain before, pain after, minutes, planned minutes, with whom, expected
    percent, occurred, status, stopped by, stop cause. Sessions without an exposure (education,
    cancelled) are rows without an item.
    """
    paths = [folder / "exposure_forms.csv", folder / "questionnaires.csv"]
    for path, frame in zip(paths, (lay_out_forms(tables), lay_out_answers(tables)), strict=True):
        frame.to_csv(
            path,
            sep=";",
            decimal=",",
            float_format="%g",
            index=False,
            encoding="utf-8",
            lineterminator="\n",
        )
    return paths


def lay_out_forms(tables: Tables) -> pd.DataFrame:
    """Return one row per exposure, and one per session without any; dates as dd.mm.yyyy."""
    exposures, sessions = tables["exposures"], tables["sessions"]
    held = exposures["session_id"].where(exposures["session_id"].notna(), exposures["assigned_in"])
    rows = exposures.assign(session_id=held).merge(
        sessions[["session_id", "session_number", "therapist_id", "attended", "content"]],
        on="session_id",
        validate="many_to_one",
    )
    rows = rows.rename(columns={"started_at": "date"})
    empty = sessions[~sessions["session_id"].isin(held)].drop(columns="planned_minutes")
    rows = pd.concat([rows, empty], ignore_index=True)
    rows = rows.join(_wide_ratings(tables["ratings"]), on="exposure_id")
    rows = rows.sort_values(["patient_id", "date", "exposure_id"], ignore_index=True)
    return _as_form(rows)


def lay_out_answers(tables: Tables) -> pd.DataFrame:
    """Return one row per patient and occasion, one column per questionnaire."""
    long = tables["assessments"]
    wide = long.pivot_table(
        index=["patient_id", "occasion", "day"], columns="instrument", values="score"
    )
    wide = wide.astype("Int64").reset_index().rename(columns={"patient_id": "patient"})
    wide.columns.name = None
    return wide


def _wide_ratings(ratings: pd.DataFrame) -> pd.DataFrame:
    values = ratings.pivot_table(index="exposure_id", columns=["kind", "moment"], values="value")
    return pd.DataFrame({name: values[kind] for name, kind in FORM_RATINGS.items()})


def _as_form(rows: pd.DataFrame) -> pd.DataFrame:
    date = pd.to_datetime(rows["date"]).dt.strftime("%d.%m.%Y")
    return pd.DataFrame(
        {
            "patient": rows["patient_id"],
            "date": date,
            "session": rows["session_number"],
            "therapist": rows["therapist_id"],
            "attended": rows["attended"],
            "content": rows["content"],
            "item": rows["item_id"].str.split("-").str[1],
            "homework": rows["is_homework"].map({"yes": "x"}),
            **{name: rows[name] for name in FORM_RATINGS},
            "planned minutes": rows["planned_minutes"].astype("Int64"),
            "minutes": rows["done_minutes"],
            "with whom": rows["companion"].map({"yes": "companion", "no": "alone"}),
            "expected percent": rows["expectancy_before"],
            "occurred": rows["occurrence"],
            "status": rows["status"],
            "stopped by": rows["stopped_by"],
            "stop cause": rows["stop_cause"],
        }
    )
