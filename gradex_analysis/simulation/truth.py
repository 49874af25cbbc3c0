"""What is true of a simulated cohort, that no analysis can see?"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from importlib import resources

import numpy as np
import pandas as pd

from gradex_analysis.simulation.design import Setting
from gradex_analysis.simulation.engine import Lives
from gradex_analysis.simulation.instruments import (
    EXPECTED_FEAR_CHANGE,
    QUESTIONNAIRES,
    SITE_SD,
    THERAPIST_SD,
)
from gradex_analysis.simulation.keys import part_ids, patient_ids, words
from gradex_analysis.simulation.people_tables import assessments
from gradex_analysis.simulation.treatment_tables import written

COURSES = ("falling", "flat", "rising")


@dataclass(frozen=True, eq=False)
class Truth:
    """The numbers behind a simulated cohort.

    ``parameters``: every assumption, nested as in ``assumptions`` and ``instruments``, with what
    was asked. ``patients``, ``items``, ``exposures``: latent values, one row each.
    ``assessments``: complete, before anything went missing. ``estimands``: see
    ``read_estimands``; None for settings other than the default trial, for which
    ``benchmarks/simulate_estimands.py`` shows how to compute them.
    """

    parameters: dict[str, object]
    patients: pd.DataFrame
    items: pd.DataFrame
    exposures: pd.DataFrame
    assessments: pd.DataFrame
    estimands: pd.DataFrame | None


def read_estimands() -> pd.DataFrame:
    """Read what the default trial's estimands are, with Monte Carlo standard errors.

    One row per ``estimand`` (``contrast``, ``mean_log_rate``, ``mean_half_life``, ``retention``,
    ``generalisation``), ``instrument``, ``occasion``, ``arm``, ``reference`` and ``strategy``
    (``treatment_policy``: all randomised; ``completers``: who did not stop treatment).
    """
    source = resources.files("gradex_analysis.simulation").joinpath("estimands.json")
    return pd.DataFrame(json.loads(source.read_text(encoding="utf-8"))["estimands"])


def list_parameters(setting: Setting) -> dict[str, object]:
    """Return every assumption and what was asked, as nested dictionaries."""
    asked = {name: value for name, value in vars(setting).items() if name != "assumptions"}
    return {
        "asked": asked | {"mechanisms": sorted(setting.mechanisms)},
        "assumptions": asdict(setting.assumptions),
        "questionnaires": {one.name: asdict(one) for one in QUESTIONNAIRES},
        "arms": [asdict(arm) for arm in setting.arms],
        "expected_fear_change": EXPECTED_FEAR_CHANGE,
        "therapist_sd": THERAPIST_SD,
        "site_sd": SITE_SD,
    }


def true_patients(lives: Lives) -> pd.DataFrame:
    """Return one row per patient: traits, and when treatment was stopped."""
    people, office = lives.people, lives.office
    traits = {name: values for name, values in vars(people).items() if name != "number"}
    return pd.DataFrame(
        {
            "patient_id": patient_ids(people.number),
            "arm": words(office.arm, [arm.name for arm in lives.setting.arms]),
            **traits,
            "therapist_level": office.therapist_level,
            "site_level": office.site_level,
            "left_on_day": lives.leave_day,
        }
    )


def true_items(lives: Lives) -> pd.DataFrame:
    """Return one row per item: difficulty, place, and latent fear at three occasions."""
    exposing, items = lives.rows_exposing, lives.items.take(lives.rows_exposing)
    rows, places = np.nonzero(items.exists)
    at, owner = (rows, places), patient_ids(lives.people.number[exposing])[rows]
    fear = lives.exposing.item_fear[at]
    return pd.DataFrame(
        {
            "item_id": part_ids(owner, "I", places + 1),
            "patient_id": owner,
            "difficulty": items.difficulty[at],
            "is_held_out": ~items.is_exposed[at],
            "place_x": items.place[at][:, 0],
            "place_y": items.place[at][:, 1],
            "fear_intake": fear[:, 0],
            "fear_post": fear[:, 1],
            "fear_followup": fear[:, 2],
        }
    )


def true_exposures(lives: Lives) -> pd.DataFrame:
    """Return one row per exposure carried out: its latent course and what was learned."""
    one = written(lives)
    names = (
        "start", "asymptote", "rate", "last_latent", "fall", "gained", "expectancy",
        "occurrence", "expectancy_after", "safety", "pain",
    )  # fmt: skip
    frame = pd.DataFrame(
        {
            "exposure_id": one.exposure_ids(),
            "patient_id": one.patients(),
            "item_id": part_ids(one.patients(), "I", one.log("item") + 1),
            "course": words(one.log("kind"), COURSES),
            **{name: one.log(name) for name in names},
        }
    )
    return frame[one.is_done].reset_index(drop=True)


def true_assessments(lives: Lives) -> pd.DataFrame:
    """Return every assessment, obtained or not; ``n_missing`` is not part of the truth."""
    return assessments(lives, complete=True).drop(columns="n_missing")
