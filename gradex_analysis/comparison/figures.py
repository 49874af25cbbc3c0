"""How are comparisons of arms drawn, and what is said to those who cannot see the figure?"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.cohort.codes import named
from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.comparison.say import digits_for, say_difference
from gradex_analysis.measures.occasions import BASELINE
from gradex_analysis.plots import arm_panels, style
from gradex_analysis.plots.arm_courses import UNVERIFIED, Panel, Scale
from gradex_analysis.plots.forest import Words
from gradex_analysis.results import wording

SIZE = (180 * style.MILLIMETRE, 95 * style.MILLIMETRE)
DAYS_PER_WEEK = 7
LONGEST = 26  #: letters of an arm's name in a figure
WITHOUT_DAYS = "Occasions (their days are not recorded)"


@dataclass(frozen=True, eq=False, kw_only=True)
class Compared:
    """What of one outcome's comparison is drawn: see ``ArmComparison``."""

    table: pd.DataFrame
    means: pd.DataFrame
    observed: pd.DataFrame
    settings: Mapping[str, Any]


def known_changes(cohort: Cohort, name: str) -> dict[str, Any]:
    """Return for ``settings`` which changes of an outcome are published, and if they were read."""
    known = cohort.instrument(name)
    return {
        "label": known.label.partition(",")[0],
        "important_change": _or_none(known.important_change),
        "important_change_verified": known.important_change_verified,
        "detectable_change": _or_none(known.detectable_change),
        "detectable_change_verified": known.detectable_change_verified,
    }


def draw_one(ax: Axes, compared: Compared, looks: style.Looks) -> Axes:
    """Draw the contrasts by occasion and, where ``ax`` stands alone, the courses at their left."""
    panel = _panel(compared)
    return arm_panels.draw_one(ax, panel, _words(compared, panel), looks, note=_note([compared]))


def draw_many(ax: Axes, compared: Sequence[Compared], looks: style.Looks) -> Axes:
    """Draw the courses of several outcomes above, their contrasts below."""
    panels = [_panel(one) for one in compared]
    words = [_words(one, panel) for one, panel in zip(compared, panels, strict=True)]
    return arm_panels.draw_many(ax, panels, words, looks, note=_note(compared))


def describe(compared: Compared) -> str:
    """Say what the figure shows of one outcome, with its numbers."""
    settings, panel = compared.settings, _panel(compared)
    scale, digits = panel.scale, digits_for(settings["outcome_sd"])
    ends = f" ({scale.low:g} to {scale.high:g})" if math.isfinite(scale.low + scale.high) else ""
    better = f", {scale.better} is better" if scale.better else ""
    said = [f"{scale.name}{ends}{better}."]
    for time in panel.ticks:
        own = panel.means[panel.means["time"] == time]
        each = "; ".join(_say_mean(row, digits) for _, row in own.iterrows())
        said += [f"{_capital(_when(panel, time) or 'means')}: {each}."] if each else []
    rows = "; ".join(
        f"{', '.join(filter(None, [named(row['arm']), _when(panel, row['time'])]))}: "
        f"{say_difference(row, digits)}"
        for _, row in panel.table.iterrows()
    )
    reference = named(settings["reference"])
    said.append(f"Differences from {reference} ({wording.LEVEL} CI): {rows}.")
    return " ".join(said)


def _panel(compared: Compared) -> Panel:
    settings = compared.settings
    means, observed, table = (
        _with_occasion(frame, settings)
        for frame in (compared.means, compared.observed, compared.table)
    )
    places, has_days = _places(means, observed)
    times = observed["occasion"].map(places)
    if has_days and len(places) > 1:
        times = (observed["day"] / DAYS_PER_WEEK).fillna(times)
    observed = observed.assign(time=times, series=observed["patient_id"])
    means = means.assign(time=means["occasion"].map(places))
    return Panel(
        scale=_scale(settings),
        means=means.sort_values("time", kind="stable"),
        observed=observed.dropna(subset=["time", "value"]).sort_values("time", kind="stable"),
        start=_start(observed, places, settings),
        table=table.assign(time=table["occasion"].map(places)),
        ticks=_ticks(places, has_days=has_days),
        time_words=_say_times(places, settings, has_days=has_days),
        names=shorten(settings["arms"]),
    )


def _with_occasion(frame: pd.DataFrame, settings: Mapping[str, Any]) -> pd.DataFrame:
    """Return the frame with ``occasion`` and ``day``, whether or not it has them."""
    given = {"occasion": settings["at"] or "", "day": math.nan}
    return frame.assign(**{name: value for name, value in given.items() if name not in frame})


def _places(means: pd.DataFrame, observed: pd.DataFrame) -> tuple[dict[str, float], bool]:
    """Return where each occasion stands: at its week where all are known, else in order."""
    before = observed[observed["occasion"] == BASELINE]
    rows = pd.concat([before[["occasion", "day"]], means[["occasion", "day"]]])
    days = rows.groupby("occasion", sort=False)["day"].median().astype("float64")
    if np.isfinite(days).all() and days.is_unique:
        weeks = days.sort_values() / DAYS_PER_WEEK
        return {str(name): float(week) for name, week in weeks.items()}, True
    return {str(name): float(place) for place, name in enumerate(days.index)}, False


def _say_times(places: Mapping[str, float], settings: Mapping[str, Any], *, has_days: bool) -> str:
    if has_days:
        return str(settings.get("days_from", "Weeks"))
    return WITHOUT_DAYS if any(places) else ""


def _ticks(places: Mapping[str, float], *, has_days: bool) -> dict[float, str]:
    if not has_days:
        return {
            place: named(name or "outcome").replace(" ", "\n") for name, place in places.items()
        }
    whole = {round(week) for week in places.values()}
    digits = 0 if len(whole) == len(places) else 1
    return {
        week: f"{round(week, digits) + 0.0:g}".replace("-", "\u2212") for week in places.values()
    }


def _start(
    observed: pd.DataFrame, places: Mapping[str, float], settings: Mapping[str, Any]
) -> pd.DataFrame:
    """Return the mean baseline that all arms set out from, and how many of each arm have one."""
    own = observed[observed["occasion"] == BASELINE].dropna(subset="value")
    mean = settings.get("baseline_mean")
    n = own.groupby("arm").size().rename("n").reset_index() if mean is not None else own.head(0)
    n = n.reindex(columns=["arm", "n"])
    return n.assign(
        time=places.get(BASELINE, math.nan), estimate=math.nan if mean is None else mean
    )


def _scale(settings: Mapping[str, Any]) -> Scale:
    low, high, important, detectable = (
        math.nan if settings.get(name) is None else settings[name]
        for name in ("low", "high", "important_change", "detectable_change")
    )
    return Scale(
        name=settings["outcome"],
        label=settings.get("label", ""),
        unit=settings["unit"],
        low=low,
        high=high,
        better=settings["better"],
        important=important,
        detectable=detectable,
        important_verified=settings.get("important_change_verified", False),
        detectable_verified=settings.get("detectable_change_verified", False),
    )


def _words(compared: Compared, panel: Panel) -> Words:
    settings = compared.settings
    digits = digits_for(settings["outcome_sd"])
    rows = [
        (
            panel.names[row["arm"]],
            _when(panel, row["time"]),
            say_difference(row, digits),
        )
        for _, row in panel.table.iterrows()
    ]
    left, right = _sides(panel, settings)
    unit = f" ({settings['unit']})" if settings["unit"] else ""
    return Words(
        rows=rows,
        axis=f"difference{unit}",
        left=f"\u2190{wording.NO_BREAK}{left}",
        right=f"{right}{wording.NO_BREAK}\u2192",
    )


def _sides(panel: Panel, settings: Mapping[str, Any]) -> tuple[str, str]:
    """Say what lies below and above 0: whom it favours, where that can be said."""
    arms, reference = panel.table["arm"].unique(), panel.names[settings["reference"]]
    if not settings["better"] or not settings["randomised"]:
        return f"lower than in {reference}", f"higher than in {reference}"
    favours = f"favours {panel.names[arms[0]] if len(arms) == 1 else 'the arm named'}"
    sides = (favours, f"favours {reference}")
    return sides if settings["better"] == "lower" else (sides[1], sides[0])


def shorten(arms: Iterable[str]) -> dict[str, str]:
    """Return how each arm is called where there is little room; no two alike."""
    names = {arm: named(arm) for arm in sorted(set(arms))}
    short = {arm: _cut(name) for arm, name in names.items()}
    alike = [name for name in short.values() if list(short.values()).count(name) > 1]
    return {
        arm: f"{name} ({place})" if name in alike else name
        for place, (arm, name) in enumerate(short.items(), start=1)
    }


def _cut(name: str) -> str:
    """Return the first words of a long name, or its first letters where the first word is long."""
    if len(name) <= LONGEST:
        return name
    words = textwrap.shorten(name, LONGEST, placeholder="")
    return f"{words or name[: LONGEST - 1]}\u2026"


def _note(compared: Sequence[Compared]) -> str:
    settings = compared[0].settings
    mean = "means adjusted for the baseline" if settings["adjusted_for"] else "means"
    said = [
        f"Strong: {mean}, with {wording.LEVEL} intervals, side by side where they fall together."
    ]
    if any(len(one.observed) for one in compared):
        said.append("Pale: patients as observed.")
    if any(one.settings.get("baseline_mean") is not None for one in compared):
        said.append("Diamond: the baseline, the same for all.")
    said.append(f"Differences are from {named(settings['reference'])}.")
    scales = [_scale(one.settings) for one in compared]
    if any(not math.isnan(scale.important) for scale in scales):
        said.append("Dotted: one important change.")
    if any(not verified for scale in scales for _, verified in scale.changes().values()):
        said.append(f"{UNVERIFIED} As cited; not yet checked in its source.")
    short = shorten(settings["arms"])
    said += [f"{name}: {named(arm)}." for arm, name in short.items() if name != named(arm)]
    return " ".join(said)


def _when(panel: Panel, time: float) -> str:
    label = panel.ticks[time].replace("\n", " ")
    if panel.time_words == "":
        return ""
    return label if panel.time_words == WITHOUT_DAYS else f"week {label}"


def _say_mean(row: pd.Series, digits: int) -> str:
    interval = wording.interval(row["ci_low"], row["ci_high"], digits)
    return (
        f"{named(row['arm'])} {wording.number(row['estimate'], digits)} "
        f"({interval}, n{wording.NO_BREAK}={wording.NO_BREAK}{row['n']:.0f})"
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else value
