"""What ratings of fear and pain are written down?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from gradex_analysis.simulation.draws import Bools, Floats, Ints
from gradex_analysis.simulation.keys import Texts, bounded, dates
from gradex_analysis.simulation.treatment_tables import Written

HUNDRED, TEN = "0-100", "0-10"
ANTICIPATION = -1.0  # minute of the rating before onset


def ratings(one: Written) -> pd.DataFrame:
    """Return one row per rating: a series in sessions; before, peak and after on paper forms.

    Paper forms are used for homework, and in the clinic design for all exposures.
    """
    on_paper = one.is_done & (one.is_homework | one.lives.setting.is_clinic)
    in_series = one.is_done & ~on_paper
    parts = [*_series(one, in_series), *_forms(one, on_paper)]
    frame = pd.concat(parts, ignore_index=True)
    frame = frame[frame["value"].notna()].sort_values(["place", "kind", "order"], kind="stable")
    place = frame["place"].to_numpy()
    native = _on_native_scale(frame, one)
    return pd.DataFrame(
        {
            "patient_id": one.patients()[place],
            "exposure_id": one.exposure_ids()[place],
            "kind": frame["kind"].to_numpy(),
            "moment": frame["moment"].to_numpy(),
            "minute": frame["minute"].to_numpy(),
            "value": native,
            "scale_id": _scale_ids(frame, one),
            "recorded_at": _recorded(one)[place],
        }
    )


def uses_ten_points(one: Written) -> Bools:
    """Say which exposures' fear was rated from 0 to 10: those of one therapist's patients."""
    planted = one.lives.setting.planted.ten_point_therapist
    number = 0 if one.lives.setting.is_clinic and planted is None else planted
    return np.asarray(one.lives.office.therapist[one.who] == number)


def _series(one: Written, is_in: Bools) -> list[pd.DataFrame]:
    place = np.flatnonzero(is_in)
    log = one.lives.exposing.log
    at = (one.rows[place], one.slots[place])
    minute, reported = log["minute"][at], log["reported"][at]
    rows, moments = np.nonzero(~np.isnan(reported))
    anticipated = np.full(len(place), ANTICIPATION)
    first, last = _pains(one)
    end = log["done"][at]
    return [
        _part(place, "fear", "before", anticipated, log["anticipated"][at]),
        _part(place[rows], "fear", "during", minute[rows, moments], reported[rows, moments]),
        _part(place, "pain", "during", np.zeros(len(place)), first[place]),
        # One rating only: its pain stands at onset already.
        _part(place[end > 0], "pain", "during", end[end > 0], last[place][end > 0]),
    ]


def _forms(one: Written, is_in: Bools) -> list[pd.DataFrame]:
    place = np.flatnonzero(is_in)
    unknown = np.full(len(place), np.nan)
    fear = (one.log("anticipated"), _recalled_peak(one), _last_reported(one))
    first, last = _pains(one)
    parts = [
        _part(place, "fear", moment, unknown, values[place])
        for moment, values in zip(("before", "peak_recalled", "after"), fear, strict=True)
    ]
    for moment, values in (("before", first), ("after", last)):
        parts.append(_part(place, "pain", moment, unknown, values[place]))
    return parts


def _part(place: Ints, kind: str, moment: str, minute: Floats, value: Floats) -> pd.DataFrame:
    order = {"before": -np.inf, "peak_recalled": 0.0, "after": np.inf}
    return pd.DataFrame(
        {
            "place": place,
            "kind": kind,
            "moment": moment,
            "minute": minute,
            "value": value,
            "order": minute if moment == "during" else order[moment],
        }
    )


def _recalled_peak(one: Written) -> Floats:
    over, spread = one.lives.setting.assumptions.fear.recalled_peak
    peak = one.log("peak") + over + spread * one.normal("recalled")
    if not one.lives.setting.has("heaping"):
        return peak
    step = one.lives.people.step[one.who]
    return np.clip(step * np.round(peak / step), 0, 100)


def _last_reported(one: Written) -> Floats:
    """Return the last rating that is not missing."""
    series = one.lives.exposing.log["reported"][one.rows, one.slots]
    back = np.argmax(~np.isnan(series[:, ::-1]), axis=1)
    return np.asarray(series[np.arange(len(series)), series.shape[1] - 1 - back])


def _pains(one: Written) -> tuple[Floats, Floats]:
    """Return pain at the first and last rating: the day's pain + .01 (fear - 50) + N(0, .6^2)."""
    slope, middle, spread = one.lives.setting.assumptions.pain.during
    z = spread * one.normal("pain")
    at_start = one.log("pain") + slope * (one.log("start") - middle) + z[:, 0]
    at_end = one.log("pain") + slope * (one.log("last_latent") - middle) + z[:, 1]
    return bounded(at_start, 0, 10), bounded(at_end, 0, 10)


def _on_native_scale(frame: pd.DataFrame, one: Written) -> Floats:
    value = frame["value"].to_numpy()
    is_ten = _is_ten(frame, one)
    tenth = value / 10
    tenth = np.round(tenth) if one.lives.setting.has("heaping") else tenth
    return np.where(is_ten, tenth, value)


def _is_ten(frame: pd.DataFrame, one: Written) -> Bools:
    is_fear = (frame["kind"] == "fear").to_numpy()
    return np.asarray(is_fear & uses_ten_points(one)[frame["place"].to_numpy()])


def _scale_ids(frame: pd.DataFrame, one: Written) -> Texts:
    is_ten = _is_ten(frame, one) | (frame["kind"] == "pain").to_numpy()
    return np.where(is_ten, TEN, HUNDRED).astype(object)


def _recorded(one: Written) -> Texts:
    """Return the date of entry: that of the exposure, or 3 to 10 days later for late homework."""
    assumed = one.lives.setting.assumptions.schedule
    is_late, delay = one.uniform("late").T
    is_later = one.is_homework & (is_late < assumed.homework_late)
    is_later &= one.lives.setting.has("late_homework")
    late = np.where(is_later, 3 + np.floor(8 * delay), 0.0)
    return dates(one.lives.office.start[one.who], one.log("day") + late)
