"""Which questionnaires are filled in, and what do the arms do to them?"""

from __future__ import annotations

from dataclasses import dataclass

OCCASIONS = ("baseline", "post", "followup_26w")
OCCASION_DAYS = (0.0, 84.0, 182.0)

Means = dict[str, tuple[float, float]]


@dataclass(frozen=True)
class Questionnaire:
    """Scale, spread and planted arm means of one questionnaire; ``worse`` is the sign of worse.

    ``loadings`` are shares of variance: severity (all questionnaires, all occasions), the occasion
    (all questionnaires), the questionnaire (all occasions), neither.
    """

    name: str
    low: float
    high: float
    mean: float
    sd: float
    worse: int
    per_fear: float  #: points per point of change in mean item fear
    means: Means  #: arm: mean at post, mean at follow-up (up to clipping)
    loadings: tuple[float, float, float, float] = (0.46, 0.13, 0.16, 0.25)


UNTREATED, ACTIVITY, EXPOSURE = "usual_care", "graded_activity", "graded_exposure"


def _means(
    untreated: tuple[float, float],
    activity: tuple[float, float],
    exposure: tuple[float, float],
) -> Means:
    return {UNTREATED: untreated, ACTIVITY: activity, EXPOSURE: exposure}


QUESTIONNAIRES = (
    Questionnaire(
        "TSK-11", 11, 44, 27.0, 6.0, 1, 0.05, _means((25.5, 25.0), (23.0, 23.5), (21.0, 21.5))
    ),
    Questionnaire(
        "PCS", 0, 52, 27.0, 10.0, 1, 0.08, _means((25.0, 24.5), (22.0, 22.5), (19.0, 19.5))
    ),
    Questionnaire(
        "PSEQ", 0, 60, 26.0, 12.5, -1, -0.08, _means((27.0, 27.0), (31.0, 30.0), (33.0, 32.5))
    ),
    Questionnaire(
        "RMDQ", 0, 24, 12.0, 5.0, 1, 0.03, _means((11.2, 11.0), (9.6, 9.8), (9.2, 9.0))
    ),
    Questionnaire(
        "NRS", 0, 10, 5.6, 1.8, 1, 0.01, _means((5.2, 5.1), (4.6, 4.7), (4.6, 4.5)),
        (0.20, 0.10, 0.30, 0.40),
    ),
)  # fmt: skip
INSTRUMENTS = tuple(one.name for one in QUESTIONNAIRES)

#: SD of a therapist's and a site's level, in SDs of the questionnaire (ICC about .05 and .01)
THERAPIST_SD, SITE_SD = 0.22, 0.10

#: Mean change of mean item fear at post and follow-up when nobody leaves and all mechanisms are
#: on, by arm; computed by ``benchmarks/calibrate_simulator.py``. Arms without exposure: 0.
EXPECTED_FEAR_CHANGE: Means = {
    EXPOSURE: (-25.2, -23.7),
    "habituation_rationale": (-25.2, -23.7),
    "expectancy_rationale": (-23.3, -21.9),
}
