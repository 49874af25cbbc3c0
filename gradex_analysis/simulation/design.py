"""What is being simulated: which design, which arms, with which mechanisms?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from gradex_analysis.errors import UnknownNameError
from gradex_analysis.simulation.assumptions import ALL_MECHANISMS, DEFAULT, MECHANISMS, Assumptions
from gradex_analysis.simulation.instruments import ACTIVITY, EXPOSURE, UNTREATED
from gradex_analysis.simulation.planted import NOTHING, Planted


@dataclass(frozen=True, kw_only=True)
class Arm:
    """What an arm is given; ``like`` names the arm whose questionnaire means it has."""

    name: str
    exposes: bool = False
    treats: bool = True  #: has a therapist and sessions
    like: str
    log_rate_shift: float = 0.0  #: added to every patient's log rate of fall


ARMS: dict[str, tuple[Arm, ...]] = {
    "trial": (
        Arm(name=EXPOSURE, exposes=True, like=EXPOSURE),
        Arm(name=ACTIVITY, like=ACTIVITY),
        Arm(name=UNTREATED, treats=False, like=UNTREATED),
    ),
    "two_exposures": (
        Arm(name="habituation_rationale", exposes=True, like=EXPOSURE),
        Arm(name="expectancy_rationale", exposes=True, like=EXPOSURE, log_rate_shift=-0.25),
    ),
    "clinic": (Arm(name="", exposes=True, like=EXPOSURE),),
}


@dataclass(frozen=True, kw_only=True)
class Setting:
    """Everything that was asked of a simulation."""

    n: int
    seed: int
    design: str = "trial"
    effects: str = "default"
    mechanisms: frozenset[str] = ALL_MECHANISMS
    missing: str = "mar"
    sites: int = 3
    therapists_per_site: int = 4
    planted: Planted = NOTHING
    assumptions: Assumptions = DEFAULT

    @property
    def arms(self) -> tuple[Arm, ...]:
        return ARMS[self.design]

    @property
    def is_null(self) -> bool:
        return self.effects == "null"

    @property
    def is_clinic(self) -> bool:
        return self.design == "clinic"

    @property
    def is_default(self) -> bool:
        """Whether the stored estimands hold: the default trial, of any size and seed."""
        asked = (self.design, self.effects, self.mechanisms, self.missing)
        return asked == ("trial", "default", ALL_MECHANISMS, "mar") and self.assumptions == DEFAULT

    def has(self, mechanism: str) -> bool:
        """Say whether a mechanism is switched on."""
        return mechanism in self.mechanisms


def check_setting(setting: Setting) -> Setting:
    """Return the setting, or say which word or number is not on offer."""
    for what, name, offered in (
        ("design", setting.design, tuple(ARMS)),
        ("effects", setting.effects, ("default", "null")),
        ("missing", setting.missing, ("mar", "mnar", "none")),
    ):
        if name not in offered:
            raise UnknownNameError(what, name, offered)
    _check_mechanisms(setting.mechanisms)
    for what, number in (
        ("n", setting.n),
        ("sites", setting.sites),
        ("therapists_per_site", setting.therapists_per_site),
    ):
        if number < 1:
            raise ValueError(f"{what} is {number}; at least 1 is needed.")
    return setting


def _check_mechanisms(mechanisms: Collection[str]) -> None:
    for name in sorted(mechanisms):
        if name not in MECHANISMS:
            raise UnknownNameError("mechanisms", name, tuple(MECHANISMS))
