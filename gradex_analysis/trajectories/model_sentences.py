"""How does a paper say the slopes of a model of courses, and what they rest on?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from gradex_analysis.cohort.codes import named
from gradex_analysis.measures.groups import EVERYBODY
from gradex_analysis.results import wording
from gradex_analysis.trajectories import sentences
from gradex_analysis.trajectories.basis import AFTER, BEFORE, WHOLE

#: decimals of slopes: a hundredth of a point, on short scales a thousandth
DIGITS, DIGITS_SHORT, SHORT = 2, 3, 10
#: differences said in full; of more, those of the first segment
MOST_COMPARED = 3
PLACES = {"days": "day", "session_number": "session", "exposure_number": "exposure"}
COURSES = {
    "linear": "a straight line",
    "piecewise": "two straight lines that meet at {knot} ({knot_source})",
    "log_time": "a line over the logarithm of time",
}
DF = {
    "kenward-roger": "Kenward-Roger degrees of freedom",
    "satterthwaite": "Satterthwaite degrees of freedom",
    "residual": "residual degrees of freedom",
}


def say(
    slopes: pd.DataFrame,
    contrasts: pd.DataFrame,
    not_in_model: pd.DataFrame,
    settings: Mapping[str, Any],
) -> list[str]:
    """Say the slopes, their differences, the model with its notes, and the cautions."""
    return [
        *_slopes(slopes, settings),
        *_differences(contrasts, settings),
        _model(settings),
        *settings["notes"],
        *_left_out(not_in_model),
        *_cautions(slopes, settings),
    ]


def say_ends(curve: pd.DataFrame, settings: Mapping[str, Any]) -> str:
    """Say each arm's modelled mean at its first time, and at the last at which not few remain."""
    said = []
    for arm, own in curve[~curve["is_thin"]].groupby("arm"):
        ends = [
            f"{wording.number(row['estimate'])} at {_place(row['time'], settings)}"
            for _, row in own.iloc[[0, -1]].iterrows()
        ]
        said.append(f"{'' if arm == EVERYBODY else f'{named(arm)} '}{' and '.join(ends)}")
    return "; ".join(said)


def _slopes(slopes: pd.DataFrame, settings: Mapping[str, Any]) -> Iterator[str]:
    subject = sentences.start(settings["label"])
    # across items a lower rating says nothing of the treatment: the warning does
    if settings["better"] and not settings["across_items"]:
        subject += f" ({settings['better']} is better)"
    for segment, own in slopes.groupby("segment", sort=False):
        # with several groups the question is whether they differ, not each against 0
        say_p = len(own) == 1
        parts = [
            f"{_slope(row, settings)}{sentences.where(row['arm'])} "
            f"({_sure(row, settings, say_p=say_p)})"
            for _, row in own.iterrows()
        ]
        yield (
            f"{subject} changed by {_join(parts)}, in points per {own['per'].iloc[0]}"
            f"{_during(str(segment), settings)}."
        )


def _differences(contrasts: pd.DataFrame, settings: Mapping[str, Any]) -> Iterator[str]:
    by_segment = list(contrasts.groupby("segment", sort=False))
    most = len(by_segment) if len(contrasts) <= MOST_COMPARED else 1
    for segment, own in by_segment[:most]:
        parts = [
            f"{named(row['arm'])} \u2212 {named(row['reference'])} "
            f"{_slope(row, settings)} ({_sure(row, settings)})"
            for _, row in own.iterrows()
        ]
        yield f"Slopes{_during(str(segment), settings)} compared: {_join(parts)}."
    for segment, _ in by_segment[most:]:
        yield f"Those{_during(str(segment), settings)} are compared in the table of slopes."


def _model(settings: Mapping[str, Any]) -> str:
    knot = "" if settings["knot"] is None else _place(settings["knot"], settings)
    course = COURSES[settings["model"]].format(knot=knot, knot_source=settings["knot_source"])
    own = "intercept and slope" if settings["random"] != "intercept" else "intercept"
    if settings["random"].count("+") > 1:
        own = "intercept and both slopes"
    nested = ", an intercept by item within patient" if settings["is_nested"] else ""
    return (
        f"Mixed model: {course}; {own} by patient{nested}; REML, {DF[settings['df']]}; "
        f"{settings['n_values_in_model']:,} values of "
        f"{wording.count(settings['n_patients_in_model'], 'patient')}."
    )


def _left_out(not_in_model: pd.DataFrame) -> Iterator[str]:
    for reason, n in not_in_model["reason"].value_counts().items():
        yield f"{wording.count(n, 'value')} not in the model: {named(reason)}."


def _cautions(slopes: pd.DataFrame, settings: Mapping[str, Any]) -> Iterator[str]:
    yield from sentences.cautions(slopes, settings)
    if slopes["arm"].min() != slopes["arm"].max() and settings["is_randomised"]:
        yield "Arms were randomised."


def _slope(row: pd.Series, settings: Mapping[str, Any]) -> str:
    return wording.number(row["estimate"], _digits(settings))


def _digits(settings: Mapping[str, Any]) -> int:
    is_short = settings["high"] is not None and settings["high"] <= SHORT
    return DIGITS_SHORT if is_short else DIGITS


def _sure(row: pd.Series, settings: Mapping[str, Any], *, say_p: bool = True) -> str:
    interval = wording.interval(row["ci_low"], row["ci_high"], _digits(settings))
    return f"{interval}, {wording.say_p(row['p_value'])}" if say_p else interval


def _during(segment: str, settings: Mapping[str, Any]) -> str:
    if segment == WHOLE:
        return ""
    words = {BEFORE: "up to", AFTER: "after"}
    return f" {words[segment]} {_place(settings['knot'], settings)}"


def _place(time: float, settings: Mapping[str, Any]) -> str:
    whole = settings["time"] == "days" or time == round(time)
    return f"{PLACES[settings['time']]} {wording.number(time, 0 if whole else 1)}"


def _join(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
