"""How does a paper say each kind of course?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from gradex_analysis.cohort.codes import named
from gradex_analysis.measures.groups import EVERYBODY
from gradex_analysis.measures.occasions import BASELINE
from gradex_analysis.results import wording
from gradex_analysis.trajectories.summaries import FROM, TO

NUMBERS = ["estimate", "n", "n_patients"]
NOUNS = {"exposures": "exposure", "assessments": "assessment", "diary": "diary rating"}
ORDINALS = {"3": "third"}
HOW = "mean of the patients' means, bootstrap over patients"


def noun(settings: Mapping[str, Any]) -> str:
    """Return what is counted: an exposure, an assessment, a diary rating."""
    return NOUNS[settings["source"]]


def say(mean: pd.DataFrame, change: pd.DataFrame, settings: Mapping[str, Any]) -> list[str]:
    """Say the course of every group in sentences, then what they must not be taken for."""
    if settings["time"] == "exposure_number":
        said = [*_by_change(change, settings), *_by_number(mean, settings)]
    elif settings["source"] == "assessments":
        said = list(_by_occasion(mean, change, settings))
    else:
        said = list(_by_time(mean, settings))
    return [*said, *cautions(mean, settings)]


def _by_change(change: pd.DataFrame, settings: Mapping[str, Any]) -> Iterator[str]:
    for _, row in change[change["n"] > 0].iterrows():
        flip = -1 if row["estimate"] < 0 else 1
        low, high = sorted((flip * row["ci_low"], flip * row["ci_high"]))
        to = ORDINALS.get(row["contrast"].split()[-1], row["contrast"].split()[-1])
        apart = ""
        if row["n_not_compared"]:
            apart = f"; {row['n_not_compared']:,} with one peak rated, one recalled: not compared"
        subject = start(f"{settings['label']}{where(row['arm'])}")
        yield (
            f"{subject} {'fell' if flip < 0 else 'rose'} on average by "
            f"{wording.number(flip * row['estimate'])} points of {settings['high']:g} from the "
            f"first to the {to} exposure to the same item ({wording.interval(low, high)}; "
            f"{wording.count(row['n'], 'patient-item')} of "
            f"{wording.count(row['n_patients'], 'patient')} with both{apart}; {HOW})."
        )


def _by_number(mean: pd.DataFrame, settings: Mapping[str, Any]) -> Iterator[str]:
    for arm, own in mean.groupby("arm"):
        at = own.set_index("time")
        levels = [
            f"{wording.number(level)} at the {ordinal} exposure "
            f"({wording.count(n, 'patient-item')} of {wording.count(n_patients, 'patient')})"
            for number, ordinal in ((FROM, "first"), (TO, "third"))
            for level, n, n_patients in at.loc[at.index == number, NUMBERS].itertuples(index=False)
        ]
        if levels:
            unlike = ", not all of them the same items" if len(levels) > 1 else ""
            yield f"The mean{where(arm)} was {' and '.join(levels)}{unlike}."


def _by_occasion(
    mean: pd.DataFrame, change: pd.DataFrame, settings: Mapping[str, Any]
) -> Iterator[str]:
    better = f" ({settings['better']} is better)" if settings["better"] else ""
    for arm, own in mean.groupby("arm"):
        since = change[change["arm"] == arm].set_index("contrast")
        levels = [
            f"{wording.number(row['estimate'])} at {named(row['occasion'])} "
            f"({wording.count(row['n_patients'], 'patient')}"
            f"{_say_since(since, row['occasion'])})"
            for _, row in own.iterrows()
        ]
        yield f"{settings['label']}{better}{where(arm)} was on average {', '.join(levels)}."


def _say_since(since: pd.DataFrame, occasion: str) -> str:
    contrast = f"{BASELINE} to {occasion}"
    if contrast not in since.index:
        return ""
    (row,) = since.loc[[contrast]].to_dict("records")
    return (
        f"; change from baseline {wording.number(row['estimate'])}, "
        f"{wording.interval(row['ci_low'], row['ci_high'])}, in the {row['n']:,} with both"
    )


def _by_time(mean: pd.DataFrame, settings: Mapping[str, Any]) -> Iterator[str]:
    firm = mean[~mean["is_thin"]]
    since = f" ({settings['time_words'].lower()})" if settings["time"] == "days" else ""
    for arm, own in firm.groupby("arm"):
        levels = [
            f"{wording.number(row['estimate'])} {_when(row['time'], settings)} "
            f"({wording.count(row['n_patients'], 'patient')})"
            for _, row in own.iloc[[0, -1]].drop_duplicates("time").iterrows()
        ]
        yield (
            f"{start(settings['label'])}{where(arm)} was on average {' and '.join(levels)}, of "
            f"{settings['high']:g}{since}."
        )


def cautions(by_arm: pd.DataFrame, settings: Mapping[str, Any]) -> Iterator[str]:
    """Say what the courses must not be taken for."""
    if settings["warning"]:
        yield f"This is {settings['warning']}."
    if settings["n_recalled"]:
        yield f"{settings['n_recalled']:,} of the peaks are as recalled on a form."
    if by_arm["arm"].min() != by_arm["arm"].max() and not settings["is_randomised"]:
        yield "Groups were not randomised."


def where(arm: object) -> str:
    """Say in which arm; nothing in a cohort without arms."""
    return "" if arm == EVERYBODY else f" in {named(arm)}"


def _when(time: float, settings: Mapping[str, Any]) -> str:
    if settings["time"] == "session_number":
        return f"in session {time:g}"
    return f"in the week around day {time:g}"


def start(sentence: str) -> str:
    """Begin with a capital."""
    return sentence[:1].upper() + sentence[1:]
