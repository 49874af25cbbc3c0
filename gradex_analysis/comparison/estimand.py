"""What exactly does a comparison of arms estimate?

The five attributes of ICH E9(R1), as far as the choices of method and analysis set settle them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gradex_analysis.cohort.codes import named
from gradex_analysis.comparison.analysis_sets import COMPLETERS, INTENTION_TO_TREAT, PER_PROTOCOL
from gradex_analysis.errors import UnknownNameError
from gradex_analysis.measures.groups import WITHOUT_ARM

MMRM, ANCOVA, GROWTH, CHANGE_SCORE = "mmrm", "ancova", "growth", "change_score"
METHODS = (MMRM, ANCOVA, GROWTH, CHANGE_SCORE)
ATTRIBUTES = (
    "population", "variable", "treatment", "intercurrent_events", "summary_measure",
)  # fmt: skip
EVENTS = {
    INTENTION_TO_TREAT: "stopping treatment early, or having it otherwise than planned: treatment "
    "policy, values count whether or not they come after it",
    COMPLETERS: "stopping treatment early: values count whether or not they come after it; who "
    "has no value is left out, which is none of the strategies of ICH E9(R1)",
    PER_PROTOCOL: "stopping treatment early: those who did are left out, which is none of the "
    "strategies of ICH E9(R1)",
}


def state(settings: Mapping[str, Any]) -> dict[str, str]:
    """State the five attributes of ICH E9(R1), how missing values are taken, and the claim.

    What a method estimates follows from what it takes missing values to be. Leaving the study is
    no intercurrent event but makes values missing: under missing at random they are those that
    patients of the same arm with the same history (MMRM, growth: their other values too) had.
    Where nobody was measured after stopping treatment, that is a hypothetical strategy, whatever
    the analysis set is called.

    Parameters
    ----------
    settings
        ``outcome, method, reference``, and where there are any ``arms, at, occasions, randomised,
        analysis_set, adjusted_for, unit, baseline`` ("constrained"), ``compares`` ("slope").

    Returns
    -------
    dict
        ``population, variable, treatment, intercurrent_events, summary_measure``,
        ``missing_values`` and ``claim``.

    References
    ----------
    ICH (2019), Addendum on estimands and sensitivity analysis, E9(R1)
    """
    method, chosen = settings["method"], settings.get("analysis_set", INTENTION_TO_TREAT)
    if method not in METHODS:
        raise UnknownNameError("method", method, METHODS)
    if chosen not in EVENTS:
        raise UnknownNameError("analysis_set", chosen, EVENTS)
    return {
        "population": _population(settings, chosen),
        "variable": _variable(settings),
        "treatment": _treatment(settings, chosen),
        "intercurrent_events": EVENTS[chosen],
        "summary_measure": _summary_measure(settings),
        "missing_values": _missing_values(settings, chosen),
        "claim": _claim(settings, chosen),
    }


def say(stated: Mapping[str, str]) -> str:
    """Say what is estimated in one sentence."""
    attributes = "; ".join(f"{named(name)}, {stated[name]}" for name in ATTRIBUTES)
    return (
        f"What is estimated is {stated['claim']} (ICH E9(R1): {attributes}); missing values are "
        f"{stated['missing_values']}."
    )


def _population(settings: Mapping[str, Any], chosen: str) -> str:
    randomised = settings.get("randomised", False)
    everybody = "patients as randomised" if randomised else "the patients of the groups"
    if chosen == INTENTION_TO_TREAT:
        return everybody
    if chosen == PER_PROTOCOL:
        return f"of {everybody}, those treated per protocol"
    return f"of {everybody}, those with a value{_at(settings) or ' at the last occasion'}"


def _variable(settings: Mapping[str, Any]) -> str:
    outcome, method = str(settings["outcome"]).removeprefix("change in "), settings["method"]
    if method == CHANGE_SCORE:
        return f"change in {outcome} from baseline{_at(settings).replace(' at ', ' to ')}"
    if settings.get("compares") == "slope":
        return f"the course of {outcome} over time"
    if at := _at(settings):
        return f"{outcome}{at}"
    occasions = settings.get("occasions", ())
    return f"{outcome} at each of {_list(occasions)}" if len(occasions) > 1 else outcome


def _treatment(settings: Mapping[str, Any], chosen: str) -> str:
    reference = settings["reference"]
    others = [arm for arm in settings.get("arms", ()) if arm not in (reference, WITHOUT_ARM)]
    compared = _list(others, last="or") if others else "each other arm"
    if not settings.get("randomised", False):
        return f"having been treated with {compared} rather than {named(reference)}"
    how = "assigned and treated to plan" if chosen == PER_PROTOCOL else "assigned"
    return f"{compared} against {named(reference)}, as {how}"


def _summary_measure(settings: Mapping[str, Any]) -> str:
    unit = f" in {settings['unit']}" if settings.get("unit") else ""
    slope = settings.get("compares") == "slope"
    what = "difference in mean slopes" if slope else "difference in means"
    return (
        f"{what}{unit}, {_word(settings)} minus {named(settings['reference'])}{_adjusted(settings)}"
    )


def _adjusted(settings: Mapping[str, Any]) -> str:
    if settings.get("baseline") == "constrained":
        covariates = [name for name in settings.get("adjusted_for", ()) if name != "baseline"]
        more = f" and adjusted for {_list(covariates)}" if covariates else ""
        return f", with one mean at baseline for all {_word(settings)}s{more}"
    names = [named(name) for name in settings.get("adjusted_for", ())]
    return f", adjusted for {_list(names)}" if names else ""


def _missing_values(settings: Mapping[str, Any], chosen: str) -> str:
    method = settings["method"]
    known = [_word(settings), *map(named, settings.get("adjusted_for", ()))]
    if settings.get("baseline") == "constrained" and "baseline" not in known:
        known.append("baseline")
    if method in (MMRM, GROWTH):
        known.append("the patient's other values")
    taken = (
        f"taken to be missing at random given {_list(known)}, that is, as those of comparable "
        f"patients of the same {_word(settings)} who were measured"
    )
    if method == GROWTH:
        taken += ", on courses of the form of the model"
    if chosen == COMPLETERS:
        return f"left out with the patients whose they are; any others are {taken}"
    return taken


def _claim(settings: Mapping[str, Any], chosen: str) -> str:
    if not settings.get("randomised", False):
        return "a difference between groups that were not formed at random, no causal estimand"
    if chosen == INTENTION_TO_TREAT:
        return "the difference that assignment to an arm makes"
    return (
        "a difference between patients selected by what happened after randomisation, which "
        "randomisation does not protect"
    )


def _at(settings: Mapping[str, Any]) -> str:
    return f" at {named(settings['at'])}" if settings.get("at") else ""


def _list(words: Sequence[object], *, last: str = "and") -> str:
    *before, end = map(named, words)
    return f"{', '.join(before)} {last} {end}" if before else end


def _word(settings: Mapping[str, Any]) -> str:
    return "arm" if settings.get("randomised", False) else "group"
