"""How is a ladder told to the patient whose it is?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from gradex_analysis.cohort.codes import named
from gradex_analysis.results import wording


def say_climb(steps: pd.DataFrame, subject: str) -> Iterator[str]:
    """Say how many steps were tried, and how the one done most often went."""
    n, tried = len(steps), int((steps["n_done"] > 0).sum())
    ladder = f"of the {n} steps of your ladder" if n > 1 else "of the one step of your ladder"
    if tried == 0:
        yield f"You have not yet tried any {ladder}."
    else:
        yield f"You have tried {tried} {ladder}."
    compared = steps[steps["n_compared"] > 0]
    if compared.empty:
        return
    row = compared.sort_values(["n_compared", "step"], kind="stable").iloc[-1]
    where = f"At step {row['step']} of {n}, your highest {subject} was"
    first, latest = f"{row['first_peak']:.0f}", f"{row['latest_peak']:.0f}"
    if row["n_compared"] == 1:
        yield f"{where} {first} of 100 {_time(row['first_number'])}."
        return
    yield (
        f"{where} {first} of 100 {_time(row['first_number'])} and {latest} "
        f"{_time(row['latest_number'])}."
    )


def _time(number: int) -> str:
    return f"the {wording.ordinal(number)} time"


def say_prediction(prediction: Mapping[str, Any] | None, where: str) -> str:
    """Say what was expected and how often it happened; "" where nothing was tested.

    ``where`` names the step, for a prediction that has no code of its own.
    """
    if prediction is None:
        return ""
    what = f"“{named(prediction['code'])}”" if prediction["code"] else f"what you feared {where}"
    if prediction["expected"] is None:
        expected = f"You feared {what}." if prediction["code"] else f"The test is {what}."
    else:
        expected = f"You expected {prediction['expected']:.0f} of 100 that {what} would happen."
    return f"{expected} {_say_outcome(prediction)}"


def _say_outcome(prediction: Mapping[str, Any]) -> str:
    n = prediction["n_tested"]
    if prediction["first"] is not None:
        if n == 1:
            return f"How far it came true: {prediction['first']:.0f} of 100."
        return (
            f"How far it came true: {prediction['first']:.0f} of 100 the first time, "
            f"{prediction['latest']:.0f} of 100 the latest of {n} times."
        )
    said = [f"It has not happened in {prediction['n_no']} of {n}"]
    if prediction["n_partly"]:
        said.append(f"it happened in part in {prediction['n_partly']}")
    if prediction["n_yes"]:
        said.append(f"it happened in {prediction['n_yes']}")
    return f"{'; '.join(said)}."


def describe_steps(steps: pd.DataFrame) -> str:
    """Describe every step with its numbers, the hardest first, for alternative text."""
    return "; ".join(_describe(row) for _, row in steps.iloc[::-1].iterrows())


def _describe(row: pd.Series) -> str:
    said = [f"step {row['step']}"]
    if pd.notna(row["expected"]):
        said.append(f"expected {row['expected']:.0f}")
    if row["n_done"] == 0:
        said.append("not yet")
    elif row["n_compared"] == 0:
        said.append("tried, not rated")
    else:
        said.append(f"highest {row['first_peak']:.0f} the first time")
    if row["n_compared"] > 1:
        said.append(f"{row['latest_peak']:.0f} the latest")
    if row["n_done"]:
        said.append(f"{row['n_done']} times" if row["n_done"] > 1 else "once")
    return ", ".join(said)
