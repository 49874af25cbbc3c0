"""How does a paper say that arms differed in several outcomes?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from gradex_analysis.cohort.codes import named
from gradex_analysis.comparison import estimand, say
from gradex_analysis.comparison.tipping import OTHER_ARMS, say_delta
from gradex_analysis.results import wording

Settings = Mapping[str, Any]
IN_FULL = 6  #: contrasts that are all said with their numbers
MOST = 4  #: tipping points that are said one by one


def say_all(table: pd.DataFrame, by_outcome: Mapping[str, Settings]) -> str:
    """Say the contrasts of each outcome in a sentence, the model, and what holds for all."""
    models = {name: _say_model(settings) for name, settings in by_outcome.items()}
    first, *others = models
    is_one = all(models[other] == models[first] for other in others)
    what = f"{say.word_for(by_outcome[first])}s from {named(by_outcome[first]['reference'])}"
    model = f" ({models[first]})" if is_one else ""
    said = [f"{what[:1].upper()}{what[1:]}{model}, with {wording.LEVEL} CI."]
    for name, own in table.groupby("outcome", sort=False):
        head = _say_head(by_outcome[str(name)], model="" if is_one else models[str(name)])
        told = _say_outcome(own, by_outcome[str(name)], in_full=len(table) <= IN_FULL)
        said.append(f"{head}: {told}.")
    return " ".join([*said, *_say_surroundings(table, by_outcome)])


def state_estimand(by_outcome: Mapping[str, Settings]) -> dict[str, str]:
    """State what is estimated, of all outcomes in one: they differ in the variable only."""
    *others, last = by_outcome
    names = " and ".join(filter(None, [", ".join(others), last]))
    occasions = dict.fromkeys(at for own in by_outcome.values() for at in own["occasions"])
    return estimand.state({**by_outcome[last], "outcome": names, "occasions": list(occasions)})


def say_tipping(points: pd.DataFrame, by_outcome: Mapping[str, Settings]) -> str:
    """Say how much must be added to what is missing before a finding changes."""
    if points.empty:
        return ""
    tried = points[points["added_to"] == OTHER_ARMS]
    changed = tried.dropna(subset="delta")
    others = f"{len(tried) - len(changed)} of {wording.count(len(tried), 'finding')}"
    each = [_say_point(row, by_outcome[row["outcome"]]) for _, row in changed.iterrows()]
    said = [
        "Tipping points (what must be added to the missing values of arms other than "
        f"{named(points['reference'].iloc[0])}, in the scale's units, before a finding, by its own "
        "interval, changes)",
        "; ".join([*each[:MOST], *([f"{len(each) - MOST} more"] if len(each) > MOST else [])]),
    ]
    kept = f"{others} {'does' if len(tried) == 1 else 'do'} not change within what was tried"
    return f"{': '.join(filter(None, said))}{'; ' if each else ': '}{kept}."


def say_unanswered(unanswered: pd.DataFrame) -> str:
    """Say which outcomes could not be compared, and why."""
    return " ".join(
        f"{row['outcome']} could not be compared: {row['reason']}"
        for _, row in unanswered.iterrows()
    )


def say_left_out(excluded: pd.DataFrame, outcomes: Sequence[str], n_patients: int) -> str:
    """Say of each compared outcome how many patients were left out."""
    n = excluded["outcome"].value_counts()
    each = [f"{n.get(name, 0):,} of {n_patients:,} in {name}" for name in outcomes]
    return f"Patients left out: {', '.join(each)}."


def lay_out(table: pd.DataFrame, by_outcome: Mapping[str, Settings]) -> pd.DataFrame:
    """Lay the contrasts out as a paper prints them: text."""
    rows = [_lay_row(row, by_outcome[row["outcome"]]) for _, row in table.iterrows()]
    return pd.DataFrame(rows).astype("str")


def _lay_row(row: pd.Series, settings: Settings) -> dict[str, str]:
    digits = say.digits_for(settings["outcome_sd"])
    unit = f", {settings['unit']}" if settings["unit"] else ""
    has_adjusted = "p_adjusted" in row.index
    return {
        "outcome": f"{row['outcome']}{unit}",
        **({"occasion": named(row["occasion"])} if "occasion" in row.index else {}),
        settings["word"]: named(row["arm"]),
        f"{say.word_for(settings)} from {named(row['reference'])} (95 % CI)": say.say_difference(
            row, digits
        ),
        "p": wording.p_value(row["p_value"]),
        **({"p adjusted": wording.p_value(row["p_adjusted"])} if has_adjusted else {}),
        "Hedges' g (95 % CI)": say.say_size_in_sd(row),
        "analysed": f"{row['n']:,} of {row['n_considered']:,}",
    }


def _say_model(settings: Settings) -> str:
    n = f"{settings['n_in_model']:,} of {wording.count(settings['n_with_arm'], 'patient')}"
    return f"{say.say_model(settings)}; {n} in the model"


def _say_head(settings: Settings, *, model: str) -> str:
    """Name an outcome, its unit, which end is better, and its model where models differ."""
    better = f"{settings['better']} is better" if settings["better"] else ""
    about = "; ".join(filter(None, [settings["unit"], better, model]))
    name = f"{settings['outcome'][:1].upper()}{settings['outcome'][1:]}"
    return f"{name} ({about})" if about else name


def _say_outcome(own: pd.DataFrame, settings: Settings, *, in_full: bool) -> str:
    """Say the contrasts of one outcome; of many, those whose interval holds 0 are counted only."""
    holds_0 = (own["ci_low"] <= 0) & (own["ci_high"] >= 0)
    told = own if in_full else own[~holds_0]
    rest = len(own) - len(told)
    hold = "holds" if rest == 1 else "hold"
    others = f"the other {rest} {hold} 0"
    if told.empty:
        others = "its interval holds 0" if rest == 1 else f"all {rest} intervals hold 0"
    return "; ".join([*_say_arms(told, settings), *([others] if rest else [])])


def _say_arms(own: pd.DataFrame, settings: Settings) -> list[str]:
    digits = say.digits_for(settings["outcome_sd"])
    return [
        f"{named(arm)} {'; '.join(_say_number(row, digits) for _, row in rows.iterrows())}"
        for arm, rows in own.groupby("arm", sort=False, observed=True)
    ]


def _say_number(row: pd.Series, digits: int) -> str:
    at = f"at {named(row['occasion'])} " if row.get("occasion") else ""
    p = wording.say_p(row["p_value"])
    if "p_adjusted" in row.index:
        p += f", adjusted {wording.say_p(row['p_adjusted'])}"
    return f"{at}{say.say_difference(row, digits)}, {p}"


def _say_point(row: pd.Series, settings: Settings) -> str:
    at = f" at {named(row['occasion'])}" if row["occasion"] else ""
    delta = say_delta(row["delta"], say.digits_for(settings["outcome_sd"]))
    return f"{row['outcome']} in {named(row['arm'])}{at} {delta}"


def _say_surroundings(table: pd.DataFrame, by_outcome: Mapping[str, Settings]) -> Iterator[str]:
    first = next(iter(by_outcome.values()))
    family = wording.count(len(table), "contrast")
    if len(by_outcome) > 1:
        family += f" of {len(by_outcome)} outcomes"
    if how := first["multiplicity"]:
        yield f"The p values are adjusted over all {family} ({named(how).title()})."
    elif len(table) > 1:
        yield f"The p values are not adjusted for there being {family}."
    yield f"Analysed: {first['analysis_set_is']}."
    if not first["randomised"]:
        yield "Groups were not randomised: differences may have been there for other reasons."
    for name, settings in by_outcome.items():
        for note in settings["notes"]:
            yield f"{name}: {note}"
