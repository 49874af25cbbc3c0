"""In which order do the assessments of a study follow one another?"""

from __future__ import annotations

import pandas as pd

from gradex_analysis.cohort.cohort import Cohort

BASELINE = "baseline"


def order_occasions(cohort: Cohort) -> list[str]:
    """List the occasions of questionnaires: the baseline, then by mean day.

    Where no day is recorded they stand in the order of the tables.
    """
    both = pd.concat(
        [cohort.assessments[["occasion", "day"]], cohort.assessment_items[["occasion"]]]
    )
    days = both.groupby("occasion", sort=False)["day"].mean().reset_index()
    days["is_later"] = days["occasion"] != BASELINE
    return list(days.sort_values(["is_later", "day"], kind="stable")["occasion"])
