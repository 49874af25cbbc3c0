"""What does a simulated cohort consist of, and how is it written to files?"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.simulation import people_tables, rating_tables, treatment_tables
from gradex_analysis.simulation import truth as true_values
from gradex_analysis.simulation.assumptions import ALL_MECHANISMS
from gradex_analysis.simulation.described import describe_forms, describe_tables
from gradex_analysis.simulation.design import Setting, check_setting
from gradex_analysis.simulation.engine import Lives, live
from gradex_analysis.simulation.forms import write_forms
from gradex_analysis.simulation.truth import Truth, list_parameters, read_estimands

Tables = dict[str, pd.DataFrame]
CLINIC_TABLES = ("participants", "sessions", "exposures", "ratings", "assessments")


@dataclass(frozen=True, eq=False)
class Simulation:
    """A simulated cohort with what is true of it.

    ``tables`` holds the tables of the data model; ``truth`` what no analysis can see.
    """

    tables: Tables = field(repr=False)
    truth: Truth = field(repr=False)
    setting: Setting

    @property
    def cohort(self) -> Cohort:
        """The checked cohort, as if its files had been loaded.

        Without the mechanism ``heaping`` numbers leave their scales, which no cohort may: it is
        refused then (``InvalidCohortError``), and ``tables`` are for tests of models.
        """
        return Cohort.from_tables(self.tables, simulated=True)

    def save(self, folder: str | Path) -> list[Path]:
        """Write the tables as CSV files (UTF-8), the clinic's as paper forms, and the mapping.

        ``load_cohort(folder)`` reads them back. Returns the paths.
        """
        where = Path(folder)
        where.mkdir(parents=True, exist_ok=True)
        is_clinic = self.setting.is_clinic
        paths = write_forms(self.tables, where) if is_clinic else self._write_tables(where)
        paths.append(where / "mapping.toml")
        mapping = describe_forms(self.tables) if is_clinic else describe_tables()
        paths[-1].write_text(mapping, encoding="utf-8")
        return paths

    def _write_tables(self, where: Path) -> list[Path]:
        paths = []
        for name, table in self.tables.items():
            paths.append(where / f"{name}.csv")
            table.to_csv(paths[-1], index=False, encoding="utf-8", lineterminator="\n")
        return paths


def simulate_cohort(
    n: int = 90,
    *,
    seed: int,
    design: Literal["trial", "two_exposures", "clinic"] = "trial",
    effects: Literal["default", "null"] = "default",
    mechanisms: Collection[str] = ALL_MECHANISMS,
    missing: Literal["mar", "mnar", "none"] = "mar",
    sites: int = 3,
    therapists_per_site: int = 4,
) -> Simulation:
    """Simulate a cohort whose truth is known.

    Parameters
    ----------
    n
        Patients. The first are the same whatever ``n``.
    seed
        Everything random follows from it.
    design
        ``"trial"``: exposure, activity, usual care; ``"two_exposures"``: two arms that expose;
        ``"clinic"``: nobody randomised, one site, paper forms.
    effects
        ``"null"``: arms do not differ in questionnaires, diary, leaving or rate of fall.
    mechanisms
        Names of ``assumptions.MECHANISMS`` that are on; with none, ratings deviate from
        ``A + (R0 - A) exp(-k t)`` by independent normal errors of one SD, and nothing else.
    missing
        ``"mar"``: leaving depends on reported ratings; ``"mnar"``: on unreported TSK-11 too;
        ``"none"``: nobody leaves and every assessment is obtained.
    sites, therapists_per_site
        The clinic has one site.
    """
    setting = Setting(
        n=n, seed=seed, design=design, effects=effects, mechanisms=frozenset(mechanisms),
        missing=missing, sites=1 if design == "clinic" else sites,
        therapists_per_site=therapists_per_site,
    )  # fmt: skip
    return simulate(check_setting(setting))


def simulate(setting: Setting) -> Simulation:
    """Simulate a setting, planted oddities and changed assumptions included."""
    wanted = CLINIC_TABLES if setting.is_clinic else tuple(TABLE_WRITERS)
    writers = {name: TABLE_WRITERS[name] for name in wanted} | TRUTH_WRITERS
    parts: dict[str, list[pd.DataFrame]] = {name: [] for name in writers}
    for some in live(setting):
        for name, write in writers.items():
            parts[name].append(write(some))
    frames = {name: _join(some) for name, some in parts.items()}
    truth = Truth(
        parameters=list_parameters(setting),
        patients=frames["true patients"],
        items=frames["true items"],
        exposures=frames["true exposures"],
        assessments=frames["true assessments"],
        estimands=read_estimands() if setting.is_default else None,
    )
    return Simulation({name: frames[name] for name in wanted}, truth, setting)


def _exposures(lives: Lives) -> pd.DataFrame:
    fear = treatment_tables.exposures(treatment_tables.written(lives))
    activity = treatment_tables.quotas(lives)
    if activity.empty:
        return fear
    both = pd.concat([fear, activity], ignore_index=True)
    return both.sort_values("patient_id", kind="stable", ignore_index=True)


def _ratings(lives: Lives) -> pd.DataFrame:
    return rating_tables.ratings(treatment_tables.written(lives))


def _safety_behaviours(lives: Lives) -> pd.DataFrame:
    return treatment_tables.safety_behaviours(treatment_tables.written(lives))


def _join(parts: list[pd.DataFrame]) -> pd.DataFrame:
    # An empty part has no types of its own, and must not blur those of the others.
    frame = pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)
    texts = [name for name, dtype in frame.dtypes.items() if dtype == np.object_]
    numbers = frame.select_dtypes("float64") + 0.0  # what was rounded to -0.0 is 0
    return frame.assign(**numbers).astype(dict.fromkeys(texts, "str"))


Writer = Callable[[Lives], pd.DataFrame]
TABLE_WRITERS: dict[str, Writer] = {
    "participants": people_tables.participants,
    "episodes": people_tables.episodes,
    "items": people_tables.items,
    "item_ratings": people_tables.item_ratings,
    "sessions": treatment_tables.sessions,
    "exposures": _exposures,
    "ratings": _ratings,
    "safety_behaviours": _safety_behaviours,
    "diary": people_tables.diary,
    "assessments": people_tables.assessments,
    "adverse_events": people_tables.adverse_events,
}
TRUTH_WRITERS: dict[str, Writer] = {
    "true patients": true_values.true_patients,
    "true items": true_values.true_items,
    "true exposures": true_values.true_exposures,
    "true assessments": true_values.true_assessments,
}
