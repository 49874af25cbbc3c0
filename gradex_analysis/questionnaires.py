"""What do the questionnaires say?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import ClassVar

import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.cohort.codes import named
from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.cohort.instruments import known_instruments
from gradex_analysis.measures.groups import EVERYBODY, list_arms
from gradex_analysis.measures.occasions import order_occasions
from gradex_analysis.measures.scores import ITEMS, TOTAL, UNIT, score_forms, summarise_scores
from gradex_analysis.plots import scores as drawing
from gradex_analysis.plots import style
from gradex_analysis.results import wording
from gradex_analysis.results.result import Result


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Scores(Result):
    """The score of every questionnaire form: one patient, one questionnaire, one occasion.

    ``table`` has one row per form: ``score``, its ``source`` (``items`` or ``total``), the total
    that was ``given``, ``n_missing`` items and whether the key was ``verified``. ``summary`` has
    one row per questionnaire, occasion and arm, with the shares at either end of the scale.
    ``subscales`` has those of forms whose items were summed.
    """

    summary: pd.DataFrame
    subscales: pd.DataFrame

    figure_size: ClassVar[tuple[float, float]] = (180 * style.MILLIMETRE, 125 * style.MILLIMETRE)
    headline: ClassVar[str] = "summary"

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw a panel per questionnaire: every score pale, each arm's means strong and joined."""
        with style.context():
            ax = style.given_or_new(ax)
            if self.table.empty:
                return style.say_instead(ax, self.sentence())
            drawing.score_panels(ax, self.table, self.summary, self.looks())
        return ax

    def sentence(self) -> str:
        """Say the means of every questionnaire and what has to be known about them."""
        n_patients = self.table["patient_id"].nunique()
        forms = wording.count(self.n_considered, "questionnaire form")
        start = f"{self.n_used:,} of {forms} have a score ({wording.count(n_patients, 'patient')})."
        parts = [start, *self._say_means(), *self._say_origins(), *self._say_keys()]
        return " ".join([*parts, self.say_left_out()])

    def noun(self) -> str:
        """Return what a questionnaire of one patient at one occasion is called."""
        return "form"

    def _say_means(self) -> Iterator[str]:
        groups = self.settings["groups"]
        together = f", {groups}s together" if groups else ""
        overall = summarise_scores(self.table.assign(arm=EVERYBODY), self.settings["occasions"])
        for name, part in overall.groupby("instrument", sort=False):
            better = part["better"].iloc[0]
            direction = f" ({better} is better)" if better else ""
            said = ", ".join(_say_mean(row) for _, row in part.iterrows())
            yield f"Mean (SD) of {name}{direction}{together}: {said}."

    def _say_origins(self) -> Iterator[str]:
        table = self.table
        given = table[table["source"] == TOTAL]
        if len(given):
            yield f"{wording.count(len(given), 'total')} made elsewhere, taken as given."
        if holes := int((given["n_missing"] > 0).sum()):
            yield f"{holes:,} of these lack items; how that was made up for is not known."
        summed = table[table["source"] == ITEMS]
        filled = summed[summed["n_missing"] > 0]
        if len(filled):
            names = ", ".join(filled["instrument"].unique())
            yield f"Unanswered items count as 0 in {wording.count(len(filled), 'form')} ({names})."
        both = summed[summed["given"].notna()]
        if len(both):
            differ = int((both["given"] != both["score"]).sum())
            yield (
                f"{wording.count(len(both), 'form')} with items and a given total: {differ:,} "
                "differ; the sum of the items counts."
            )

    def _say_keys(self) -> Iterator[str]:
        versions = self.table.groupby("instrument")["version"].nunique()
        if several := [f"{name} ({n})" for name, n in versions.items() if n > 1]:
            yield f"Taken together although their versions differ: {', '.join(several)}."
        keys = self.table[~self.table["verified"]].drop_duplicates("instrument")
        is_ours = keys["key_version"] != ""
        is_described = (keys["better"] != "") | keys["low"].notna()
        if unknown := ", ".join(keys.loc[~is_ours & ~is_described, "instrument"]):
            yield f"Nothing is known about the scale of {unknown}: not checked."
        if unread := ", ".join(keys.loc[is_ours, "instrument"]):
            yield f"Not verified in a source: the keys of {unread}."

    def alt_text(self) -> str:
        """Say the means of every panel."""
        panels = [
            f"{name}: {'; '.join(_say_course(str(arm), own) for arm, own in part.groupby('arm'))}"
            for name, part in self.summary.groupby("instrument", sort=False)
        ]
        return (
            f"{wording.count(len(panels), 'panel')}, one per questionnaire on its full scale: "
            "single scores pale, the means of each occasion joined. Means: " + ". ".join(panels)
        ) + "."


def score_assessments(cohort: Cohort, *, numbering: Mapping[str, str] | None = None) -> Scores:
    """Score every questionnaire form by its key, or take the total that was made elsewhere.

    The score is the sum of the responses, reversed (low + high - response) where the key says so.
    A form that lacks an item has no total unless the key has a rule; nothing is prorated. A form
    with items and a given total keeps the sum, and the given total beside it.

    Parameters
    ----------
    cohort
        Totals in ``assessments``, answers in ``assessment_items``.
    numbering
        How the data number the items where an instrument has several numberings, for example
        ``{"TSK-11": "TSK-17"}``; ``list_instruments`` shows them.

    Returns
    -------
    Scores
        One row per form; forms that have no score, or one outside the questionnaire's range, are
        in ``excluded`` with their reason.

    Raises
    ------
    CannotAnswerError, UnknownNameError
        Without questionnaires; where item numbers do not say which items they are.
    """
    forms, subscales = score_forms(cohort, numbering=numbering)
    is_used = forms["reason"] == ""
    table = forms[is_used].drop(columns=["reason", "item"]).reset_index(drop=True)
    occasions = order_occasions(cohort)
    return Scores(
        table=table,
        summary=summarise_scores(table, occasions),
        subscales=subscales,
        unit=tuple(UNIT),
        n_considered=len(forms),
        n_used=len(table),
        excluded=forms.loc[~is_used, [*UNIT, "item", "reason"]].reset_index(drop=True),
        settings={
            "numbering": dict(numbering or {}),
            "keys": dict(zip(table["instrument"], table["key_version"], strict=True)),
            "occasions": occasions,
            "arms": list_arms(cohort),
            "groups": _word_for_arms(cohort),
        },
    )


def list_instruments() -> pd.DataFrame:
    """List the questionnaires whose keys ship with the package: one row each, no item text.

    ``verified`` says whether the key was read in its source; the detectable and the important
    change, in points of the total, have flags of their own. NaN where no figure was found.
    """
    rows = [asdict(one) for one in known_instruments()]
    for row in rows:
        row["reversed_items"] = ", ".join(map(str, row["reversed_items"])) or "none"
        for name in ("subscales", "numberings"):
            parts = [f"{part}: {', '.join(map(str, items))}" for part, items in row[name].items()]
            row[name] = "; ".join(parts) or "none"
    return pd.DataFrame(rows).drop(columns="missing_counts_as")


def _word_for_arms(cohort: Cohort) -> str:
    if not cohort.has_arms:
        return ""
    return "arm" if cohort.is_randomised else "group"


def _say_mean(row: pd.Series) -> str:
    n = f"n{wording.NO_BREAK}={wording.NO_BREAK}{row['n']:,}"
    return f"{wording.mean_sd(row['mean'], row['sd'])} at {named(row['occasion'])} ({n})"


def _say_course(arm: str, means: pd.DataFrame) -> str:
    said = [
        f"{wording.number(mean)} at {named(occasion)}"
        for occasion, mean in zip(means["occasion"], means["mean"], strict=True)
    ]
    return f"{named(arm)} {', '.join(said)}"
