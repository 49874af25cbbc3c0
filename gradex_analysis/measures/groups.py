"""To which arm does each patient belong, for tables by arm?"""

from __future__ import annotations

import pandas as pd

from gradex_analysis.cohort.cohort import Cohort

EVERYBODY, WITHOUT_ARM = "all", "without an arm"


def arm_of(cohort: Cohort) -> pd.Series:
    """Return each patient's arm by ``patient_id``; ``all`` in a cohort without arms."""
    arms = cohort.participants.set_index("patient_id")["arm"]
    return arms.fillna(WITHOUT_ARM if cohort.has_arms else EVERYBODY)


def list_arms(cohort: Cohort) -> list[str]:
    """List the groups that ``arm_of`` tells apart, in order; none in a cohort without arms."""
    return sorted(arm_of(cohort).unique()) if cohort.has_arms else []
