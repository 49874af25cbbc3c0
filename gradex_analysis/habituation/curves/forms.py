"""Which form describes the courses best for the numbers it spends?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.plots import style
from gradex_analysis.plots.curve_forms import draw_forms
from gradex_analysis.progress import Progress
from gradex_analysis.results import wording
from gradex_analysis.results.result import Result
from gradex_analysis.stats.curve_choice import compare_forms
from gradex_analysis.stats.curve_forms import FORMS
from gradex_analysis.stats.curve_heaped import Heaped

OF_CURVE = ["form", "n", "n_parameters", "log_likelihood", "aicc", "delta", "weight", "status"]


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class FormsCompared(Result):
    """Five forms side by side, by AICc within one likelihood.

    ``table`` has one row per form: ``n`` courses compared, ``n_best`` of them in which it has the
    least AICc, ``share_best``, ``mean_weight`` (Akaike weights, averaged over courses) and
    ``median_delta`` (AICc above the least of the course). ``by_course`` has one row per course and
    form. Only courses in which every form has an AICc are compared.
    """

    by_course: pd.DataFrame

    headline: ClassVar[str] = "table"

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw one row a form: the share of courses it describes best, and its mean weight."""
        with style.context():
            ax = style.given_or_new(ax)
            if not self.n_used:
                return style.say_instead(ax, self.sentence())
            draw_forms(ax, self.table)
            ax.set_xlabel(f"Share of {self.noun()}s")
        return ax

    def sentence(self) -> str:
        """Say which form has the least AICc in how many courses."""
        what = wording.count(self.n_used, self.noun())
        if not self.n_used:
            return f"No {self.noun()} can have its forms compared. {self.say_left_out()}"
        ordered = self.table.sort_values("n_best", ascending=False, kind="stable")
        names, n_best, n = (ordered[name] for name in ("form", "n_best", "n"))
        shares = ", ".join(
            f"{_name(form)} in {wording.count_percent(best, all_of_them)}"
            for form, best, all_of_them in zip(names, n_best, n, strict=True)
        )
        return (
            f"In {what} the form with the least AICc was: {shares}. This compares these five "
            "forms only; with few ratings AICc prefers those of few numbers, so that a plain form "
            f"that does best is not shown to be true. {self.say_left_out()}"
        )

    def alt_text(self) -> str:
        """Describe the shares and weights."""
        if not self.n_used:
            return self.sentence()
        weights = ", ".join(
            f"{_name(form)} {wording.percent(weight, 1)}"
            for form, weight in zip(self.table["form"], self.table["mean_weight"], strict=True)
        )
        return (
            "Dot plot of five forms by the share of courses they describe best. "
            f"{self.sentence()} Mean weights: {weights}."
        )


def _name(form: str) -> str:
    return form.replace("_", " ")


def summarise_forms(
    curves: pd.DataFrame,
    series: pd.DataFrame,
    parent: Result,
    *,
    heaped: Heaped | None,
    progress: Progress,
) -> FormsCompared:
    """Compare the forms in every course of ``curves``; ``parent`` holds the curves of one form."""
    ratings = series["curve"], series["time"], series["value"]
    forms = compare_forms(
        *ratings, run=series["series"], block=series["block"], heaped=heaped, progress=progress
    )
    by_course = curves.iloc[forms["series"].to_numpy()].reset_index(drop=True)
    by_course = by_course.join(forms[[*OF_CURVE, "reason"]])
    compared = by_course["reason"] == ""
    one_each = by_course[by_course["form"] == next(iter(FORMS))]
    left_out = one_each.loc[one_each["reason"] != "", [*parent.unit, "reason"]]
    return FormsCompared(
        table=_count_best(by_course[compared]),
        by_course=by_course[compared].drop(columns="reason").reset_index(drop=True),
        unit=parent.unit,
        n_considered=parent.n_considered,
        n_used=int(compared.sum()) // len(FORMS),
        excluded=pd.concat([parent.excluded, left_out], ignore_index=True),
        settings=_settings(parent.settings),
    )


def _count_best(compared: pd.DataFrame) -> pd.DataFrame:
    grouped = compared.assign(is_best=compared["delta"] == 0.0).groupby("form")
    table = pd.DataFrame(
        {
            "n": grouped.size(),
            "n_best": grouped["is_best"].sum(),
            "mean_weight": grouped["weight"].mean(),
            "median_delta": grouped["delta"].median(),
        }
    ).reindex(list(FORMS))
    table[["n", "n_best"]] = table[["n", "n_best"]].fillna(0).astype("int64")
    table.insert(2, "share_best", table["n_best"] / table["n"].where(table["n"] > 0))
    formulas = [form.formula for form in FORMS.values()]
    table.insert(0, "formula", formulas)
    return table.rename_axis("form").reset_index()


def _settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in settings.items() if name not in ("form", "model")}
    return kept | {
        "forms": list(FORMS),
        "criterion": "AICc = -2 l + 2 K + 2 K (K + 1) / (n - K - 1), K counts the spread",
    }
