"""What does the simulator assume? Every number with its meaning.

All numbers are design choices ("assumed"), tuned by ``benchmarks/calibrate_simulator.py`` until
the cohort shows the features in ``calibration.TARGETS``. None is estimated from patients.
"""

from __future__ import annotations

from dataclasses import dataclass, field

#: What can be switched off by name, and what holds without it.
MECHANISMS: dict[str, str] = {
    "new_context": "fear does not start higher in a new context",
    "adverse_event": "fear does not start higher after an adverse event",
    "odd_courses": "no exposure is flat or rising: each falls exponentially",
    "generalisation": "only the practised item learns",
    "return_of_fear": "what was learned is not lost between exposures",
    "safety_behaviour": "safety behaviours do not weaken learning",
    "autocorrelation": "deviations of ratings from the course are independent",
    "personal_noise": "every patient has the median residual SD",
    "heaping": "ratings are neither rounded nor kept within 0 to 100",
    "missing_ratings": "no single rating is missing",
    "noisy_report": "expectancy is recorded exactly",
    "late_homework": "homework is entered on the day it was done",
    "early_stops": "every exposure runs to its planned end",
}
ALL_MECHANISMS = frozenset(MECHANISMS)


@dataclass(frozen=True)
class PeopleAssumptions:
    """How patients differ: mean and SD of each trait; ``logit`` and ``log`` name the scale."""

    fear_sd: float = 10.0  #: general fear level, points of 100 added to every item
    asymptote: tuple[float, float] = (5.0, 5.0)  #: fear that exposure does not reach below
    log_rate: tuple[float, float] = (-2.25, 0.50)  #: log k per minute; half-life about 7 min
    logit_retained: tuple[float, float] = (0.25, 0.50)  #: share of a fall that is kept; median .56
    logit_relapse: tuple[float, float] = (-1.10, 0.50)  #: share of it lost in a long pause
    logit_learning: tuple[float, float] = (-0.20, 0.90)  #: share of prediction error learned
    log_noise_sd: tuple[float, float] = (2.08, 0.25)  #: log residual SD of ratings; about 8
    pain: tuple[float, float] = (5.2, 1.5)  #: usual pain, 0 to 10
    expectancy_sd: float = 15.0  #: how far patients differ in expecting harm, points of 100
    fear_pain: float = 0.3  #: correlation of fear level and usual pain
    rate_learning: float = 0.3  #: correlation of rate and learning rate
    severity_fear: float = 0.4  #: correlation of questionnaire severity and fear level
    #: ratings are given in steps of 1, 5 or 10: cumulative shares of patients
    heaping: tuple[float, float] = (0.12, 0.60)


@dataclass(frozen=True)
class HierarchyAssumptions:
    """How feared situations differ."""

    counts: tuple[int, int] = (8, 12)  #: fewest and most items of a patient
    difficulty: tuple[float, float] = (36.0, 95.0)  #: easiest and hardest, evenly spaced
    difficulty_sd: float = 6.0  #: deviation from even spacing
    expected_sd: float = 8.0  #: error of expected fear at intake: the order is partly wrong
    never_exposed: int = 2  #: items kept out AT RANDOM, so that generalisation can be seen
    reach: float = 0.3  #: similarity is exp(-distance / reach) on the unit square


@dataclass(frozen=True)
class ScheduleAssumptions:
    """When sessions take place and what they hold."""

    window: float = 82.0  #: study day after which no session takes place (12 weeks)
    preparation_gap: int = 2  #: least days between preparatory sessions, + Poisson(1)
    session_gap: int = 5  #: least days between weekly sessions, + Poisson(1)
    break_probability: float = 0.10  #: of a break instead of a gap
    break_days: tuple[int, int] = (21, 35)  #: shortest and longest break
    attendance: tuple[float, float] = (0.87, 0.95)  #: attended; attended or cancelled late
    #: cumulative probabilities of 1, 2, 3 exposures a session (else 4); mean 2.4
    exposures: tuple[float, float, float] = (0.13, 0.42, 0.75)
    homework_logged: float = 0.66  #: of 3 assigned a week
    homework_late: float = 0.20  #: entered 3 to 10 days late
    refused: float = 0.04
    not_done: float = 0.06
    skip: float = 0.05  #: takes the item after the next
    regress: float = 0.05  #: goes back to a mastered item
    mastered_at: float = 50.0  #: highest peak of a mastered exposure ...
    mastered_runs: int = 2  #: ... and how many of them in a row
    new_context: float = 0.2
    companion: float = 0.3  #: NO consequence: a true null
    minutes: tuple[float, float] = (2.08, 0.71)  #: log planned minutes: median 8, quartiles 5, 13
    minutes_range: tuple[int, int] = (3, 40)


@dataclass(frozen=True)
class FearAssumptions:
    """How fear runs within an exposure and between exposures."""

    pause_days: float = 14.0  #: time constant of the return of fear
    per_expectancy: float = 0.10  #: points per point of expectancy above 50
    new_context: float = 5.0
    adverse_event: float = 8.0
    start_sd: float = 4.0  #: deviation of one start from the patient's and item's level
    anticipation_sd: float = 5.0
    asymptote_share: float = 0.275  #: of the item's difficulty added to the patient's asymptote
    flat: float = 0.03  #: share of courses that do not move
    rising: float = 0.06  #: share of courses that rise ...
    rising_slope: float = 1.2  #: ... by so many points a minute
    safety_loss: float = 0.3  #: share of learning lost to safety behaviours
    generalised: float = 0.4  #: share of learning carried to a wholly similar item
    rho_minutes: float = 2.0  #: correlation of deviations is exp(-minutes / this)
    missing: float = 0.04  #: ratings missing at random
    expected_peak: tuple[float, float] = (12.0, 8.0)  #: over-prediction of the peak: mean, SD
    safety: tuple[float, float] = (0.45, -0.19)  #: logit of any, and its change per session
    safety_not_recorded: float = 0.15
    criterion_used: float = 0.35  #: exposures that stop at half of the peak, twice running
    patient_stop: tuple[float, float] = (-2.9, 0.04)  #: logit per rating, and per point above 60
    stop_for_fear: float = 0.62  #: of the patient's stops; the others are for pain
    other_stops: tuple[float, float, float] = (
        0.022,
        0.064,
        0.096,
    )  #: cumulative: therapist, time, ?
    recalled_peak: tuple[float, float] = (2.0, 4.0)  #: recalled minus rated peak: mean, SD


@dataclass(frozen=True)
class ExpectancyAssumptions:
    """What patients expect to happen, what happens, and what they make of it."""

    level: float = 70.0  #: expectancy of harm for an item of difficulty 50
    per_difficulty: float = 0.3
    item_sd: float = 14.0
    recovery: float = 0.3  #: of the way back to the first expectancy in a long pause
    occurrence: tuple[float, float, float] = (0.08, 0.0021, 4.5)  #: mean at 0, slope, precision
    not_testable: float = 0.03
    update_sd: float = 4.0
    report_sd: float = 9.0
    opinion_sd: float = 10.0  #: of surprise and confidence around what they follow from
    #: what occurred is "no" up to the first, "partly" up to the second, else "yes"
    words: tuple[float, float] = (37.0, 56.0)


@dataclass(frozen=True)
class PainAssumptions:
    """How pain follows fear, and harm happens."""

    lagged_fear: float = 0.02  #: points of pain per point of fear, one session earlier
    memory: float = 0.5  #: AR(1) of daily deviations
    day_sd: float = 1.0
    during: tuple[float, float, float] = (0.01, 50.0, 0.6)  #: per point of fear above; SD
    flare: tuple[float, float] = (-2.45, 0.2)  #: logit at pain 5, and per point of pain
    answered: float = 0.85  #: diary prompts answered
    adverse_event: float = 0.12  #: patients with one, on any day of the study
    serious: float = 0.09  #: of these; never related


@dataclass(frozen=True)
class LeavingAssumptions:
    """Who stops treatment, and who is assessed."""

    never_started: tuple[float, float] = (0.067, 0.033)  #: exposing arms; graded activity
    hazard: tuple[float, float, float] = (-3.95, -4.2, -3.0)  #: logit: exposure, activity, none
    per_peak: float = 0.03  #: logit per point of the last reported peak above 60
    per_severity: float = 0.3  #: logit per SD of TSK-11 at baseline, where no fear is rated
    worsening: float = 0.8  #: "mnar": logit per SD of latent TSK-11 above baseline
    fade_weeks: float = 8.0  #: in which the gain of leavers fades
    baseline_weeks: float = 12.0  #: in which a gain builds up
    assessed_stayers: tuple[float, float] = (0.96, 0.90)  #: post, follow-up
    assessed_untreated: tuple[float, float] = (0.99, 0.80)  #: the same without a therapist
    assessed_leavers: float = 0.5
    clinic_post: float = 0.67
    item_missing: float = 0.04  #: assessments with one question left out (prorated)


@dataclass(frozen=True)
class Assumptions:
    """Every assumption of the simulator."""

    people: PeopleAssumptions = field(default_factory=PeopleAssumptions)
    hierarchy: HierarchyAssumptions = field(default_factory=HierarchyAssumptions)
    schedule: ScheduleAssumptions = field(default_factory=ScheduleAssumptions)
    fear: FearAssumptions = field(default_factory=FearAssumptions)
    expectancy: ExpectancyAssumptions = field(default_factory=ExpectancyAssumptions)
    pain: PainAssumptions = field(default_factory=PainAssumptions)
    leaving: LeavingAssumptions = field(default_factory=LeavingAssumptions)


DEFAULT = Assumptions()
