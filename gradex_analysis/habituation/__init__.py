"""How far and how fast does fear fall within an exposure, and between exposures to an item?"""

from gradex_analysis.habituation.between_sessions import (
    BetweenSessionChange,
    measure_between_sessions,
)
from gradex_analysis.habituation.curves import HabituationCurves, fit_habituation_curves
from gradex_analysis.habituation.within_session import (
    WithinSessionChange,
    list_definitions,
    measure_within_session,
)

__all__ = [
    "BetweenSessionChange",
    "HabituationCurves",
    "WithinSessionChange",
    "fit_habituation_curves",
    "list_definitions",
    "measure_between_sessions",
    "measure_within_session",
]
