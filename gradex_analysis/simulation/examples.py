"""What are the example cohorts, and which oddities of real data were put into them?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from gradex_analysis.simulation.design import Setting
from gradex_analysis.simulation.keys import patient_ids, therapist_ids
from gradex_analysis.simulation.office import set_up_office
from gradex_analysis.simulation.planted import Planted
from gradex_analysis.simulation.simulated import Simulation, simulate

#: The dates on which the two examples begin, as numbers: chosen before anything was simulated.
TRIAL_SEED, CLINIC_SEED = 20240108, 20240109
TRIAL_PATIENTS, CLINIC_PATIENTS = 90, 25
EXPOSURE_ARM, UNTREATED_ARM = 0, 2


@dataclass(frozen=True)
class Example:
    """An example cohort and, line by line, what was planted in it."""

    simulation: Simulation
    planted: tuple[str, ...]


def simulate_example(design: Literal["trial", "clinic"] = "trial") -> Example:
    """Simulate the trial of 90 or the clinic of 25 patients that comes with the package.

    The trial has six oddities, at places fixed by the order of randomisation: see
    ``plant_oddities``. The clinic has none but its own: two rating scales, by therapist.
    """
    if design == "clinic":
        setting = Setting(n=CLINIC_PATIENTS, seed=CLINIC_SEED, design="clinic", sites=1)
        return Example(simulate(setting), ("Therapist T01 has fear rated from 0 to 10.",))
    setting, planted = plant_oddities(Setting(n=TRIAL_PATIENTS, seed=TRIAL_SEED))
    return Example(simulate(setting), planted)


def plant_oddities(setting: Setting) -> tuple[Setting, tuple[str, ...]]:
    """Return a trial's setting with six oddities, and what they are.

    A site with every 22nd patient only; PCS .40 SD higher in the exposure arm at all occasions
    (an imbalance of patients: changes are untouched); a therapist who rates from 0 to 10; the 3rd
    patient randomised to exposure, whose fear rises in every exposure; the 5th, with one rating
    in one exposure; the 4th in usual care, whose 6-month form comes after 8.5 months.
    """
    small_site = Planted(small_site_every=22, small_site_first=11)
    office = set_up_office(_with(setting, small_site))
    exposed = np.flatnonzero(office.arm == EXPOSURE_ARM)
    untreated = np.flatnonzero(office.arm == UNTREATED_ARM)
    rising, single, late = int(exposed[2]), int(exposed[4]), int(untreated[3])
    ten_point = 2
    planted = Planted(
        small_site_every=small_site.small_site_every,
        small_site_first=small_site.small_site_first,
        pcs_imbalance=0.4,
        ten_point_therapist=ten_point,
        rising_patient=rising,
        single_rating_patient=single,
        late_form_patient=late,
    )
    names = patient_ids(np.array([rising, single, late]))
    n_small = int((office.site == setting.sites - 1).sum())
    lines = (
        f"Site S{setting.sites} has {n_small} patients.",
        "PCS is 4 points (0.40 SD) higher in the exposure arm at all occasions, baseline included.",
        f"Therapist {therapist_ids(np.array([ten_point]))[0]} has fear rated from 0 to 10.",
        f"The fear of {names[0]} rises to the end of every exposure.",
        f"{names[1]} has one rating in one exposure and then stops treatment.",
        f"The 6-month form of {names[2]} was filled in after 8.5 months "
        f"(day {planted.late_form_day:.0f}).",
    )
    return _with(setting, planted), lines


def save_example(folder: str | Path, design: Literal["trial", "clinic"] = "trial") -> list[Path]:
    """Write an example's files and a README.md that names what was planted and what is true."""
    example = simulate_example(design)
    paths = example.simulation.save(folder)
    paths.append(Path(folder) / "README.md")
    paths[-1].write_text(_describe(example), encoding="utf-8")
    return paths


def _with(setting: Setting, planted: Planted) -> Setting:
    return Setting(**(vars(setting) | {"planted": planted}))


def _describe(example: Example) -> str:
    setting = example.simulation.setting
    what = "clinic" if setting.is_clinic else "trial"
    lines = [
        f"# A simulated {what} of {setting.n} patients",
        "",
        "No real person. Written by `save_example`; the draw is fixed by the seed "
        f"({setting.seed}) and the assumptions, never chosen for what an analysis makes of it.",
        "",
        "## Put in on purpose",
        "",
        *(f"- {line}" for line in example.planted),
    ]
    lines += ["", "## Truth beside estimate", "", *_fall_beside_truth(example.simulation)]
    if not setting.is_clinic:
        lines += ["", *_truth_beside_estimate(example.simulation)]
    return "\n".join(lines) + "\n"


def _fall_beside_truth(simulation: Simulation) -> list[str]:
    """Compare the true fall of exposures with the fall of what was reported in them.

    Both are the mean of the patients' means, so that they can be set beside the notebooks'.
    """
    ratings = simulation.tables["ratings"].query("kind == 'fear'")
    ends = ("before", "after") if simulation.setting.is_clinic else ("during", "during")
    size = ratings["scale_id"].map({"0-100": 1.0, "0-10": 10.0})
    ratings = ratings.assign(value=ratings["value"] * size).sort_values("minute", kind="stable")
    first, last = (
        ratings[ratings["moment"] == moment].groupby(["patient_id", "exposure_id"])["value"]
        for moment in ends
    )
    reported = (first.first() - last.last()).dropna().rename("reported").reset_index()
    both = reported.merge(simulation.truth.exposures[["exposure_id", "fall"]], on="exposure_id")
    means = both.groupby("patient_id")[["fall", "reported"]].mean().mean()
    first_word = "before to after" if simulation.setting.is_clinic else "first to last rating"
    return [
        "Fall of fear within an exposure, in points of 100, mean of the patients' means over the "
        f"{len(both)} exposures with both ratings. Truth: start to end without noise, rounding and "
        "clipping.",
        "",
        f"| truth, start to end | this draw, {first_word} |",
        "|---|---|",
        f"| {means['fall']:.1f} | {means['reported']:.1f} |",
    ]


def _truth_beside_estimate(simulation: Simulation) -> list[str]:
    """List arm contrasts: what 200,000 patients show, and the raw difference in this draw."""
    truth = simulation.truth.estimands
    if truth is None:
        return []
    scores = simulation.tables["assessments"].merge(simulation.tables["participants"])
    means = scores.groupby(["instrument", "occasion", "arm"])["score"].mean().to_dict()
    rows = truth.query("estimand == 'contrast' and strategy == 'treatment_policy'")
    lines = [
        "Arm minus reference, all randomised. Truth: 200,000 simulated patients (Monte Carlo SE); "
        "this draw: difference in raw means of the forms obtained.",
        "",
        "| instrument | occasion | arm | reference | truth (SE) | this draw |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows.to_dict("records"):
        where = (row["instrument"], row["occasion"])
        found = means[(*where, row["arm"])] - means[(*where, row["reference"])]
        true = f"{row['estimate']:.2f} ({row['mc_se']:.2f})"
        names = " | ".join((*where, row["arm"], row["reference"]))
        lines.append(f"| {names} | {true} | {found:.2f} |")
    return lines
