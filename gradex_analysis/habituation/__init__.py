"""How far and how fast does fear fall within an exposure?"""

from gradex_analysis.habituation.curves import HabituationCurves, fit_habituation_curves
from gradex_analysis.habituation.within_session import (
    WithinSessionChange,
    list_definitions,
    measure_within_session,
)

__all__ = [
    "HabituationCurves",
    "WithinSessionChange",
    "fit_habituation_curves",
    "list_definitions",
    "measure_within_session",
]
