"""What has to be asked once all tables stand, and what is worth a note?"""

from __future__ import annotations

import pandas as pd

from gradex_analysis.loaders.findings import Findings
from gradex_analysis.loaders.mapping import Mapping
from gradex_analysis.loaders.questions import Question


def ask_about_study(
    tables: dict[str, pd.DataFrame], mapping: Mapping, id_place: tuple[str, str], findings: Findings
) -> None:
    """Ask about early stops and about ids that differ in zeros or case only.

    ``id_place`` is the first file and what it calls the patient, for the answer's draft.
    """
    if mapping.answers.last_before_stop is None:
        _ask_about_stops(tables["exposures"], tables["ratings"], findings)
    if mapping.answers.arms is None:
        _ask_about_arms(tables["participants"], findings)
    if mapping.answers.same_id is None:
        _ask_about_ids(tables["participants"]["patient_id"], id_place, findings)


def _ask_about_arms(people: pd.DataFrame, findings: Findings) -> None:
    with_arm = people[people["arm"].notna()]
    n_undated = int(with_arm["randomised_on"].isna().sum())
    if len(with_arm["arm"].unique()) > 1 and n_undated:
        findings.questions.append(
            Question(
                "arms", "", "arm", 0,
                f"Were the patients assigned to their arms at random? {n_undated} of "
                f"{len(with_arm)} have no date of randomisation. Until that is said they are "
                "groups that were not randomised.",
                '[answers]\narms = "randomised"   # or "groups"',
            )
        )  # fmt: skip


def _ask_about_stops(exposures: pd.DataFrame, ratings: pd.DataFrame, findings: Findings) -> None:
    timed = ratings.loc[ratings["moment"] == "during", ["patient_id", "exposure_id"]]
    stopped = exposures.loc[
        exposures["stopped_by"].isin(["patient", "therapist", "other"]),
        ["patient_id", "exposure_id"],
    ]
    n_stopped = len(stopped.merge(timed.drop_duplicates()))
    if n_stopped:
        findings.questions.append(
            Question(
                "last_before_stop", "", "stopped_by", 0,
                f"Exposures stopped early: {n_stopped}. Is the last rating before such a stop the "
                "rating at the end of the exposure? Until that is said it is only the last.",
                '[answers]\nlast_before_stop = "last"   # or "end"',
            )
        )  # fmt: skip


def _ask_about_ids(ids: pd.Series, place: tuple[str, str], findings: Findings) -> None:
    alike = ids.str.lower().str.lstrip("0")
    doubtful = ids[alike.duplicated(keep=False)]
    file, column = place
    for _, group in doubtful.groupby(alike):
        names = ", ".join(repr(name) for name in group)
        same = f'"{group.iloc[-1]}" = "{group.iloc[0]}"'
        findings.questions.append(
            Question(
                "same_id", "", "patient_id", 0,
                f"Are the patients {names} one person? They are read as {len(group)}.",
                f'[[file]]\npath = "{file}"\n[file.values."{column}"]\n{same}\n'
                '# or, where they are different people: [answers] same_id = "distinct"',
            )
        )  # fmt: skip


def note_recalled_peaks(ratings: pd.DataFrame, findings: Findings) -> None:
    """Note ratings above the peak that a form recalls: a recalled peak is not a maximum."""
    key = ["patient_id", "exposure_id", "kind"]
    peaks = ratings.loc[ratings["moment"] == "peak_recalled", [*key, "value_100"]]
    both = ratings.merge(peaks, on=key, suffixes=("", "_peak"))
    findings.report(
        "recalled_peak_below", "ratings", both[both["value_100"] > both["value_100_peak"]]
    )
