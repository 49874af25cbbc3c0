"""One patient's therapy, typed in a line: each exposure is a dict."""

from __future__ import annotations

import pandas as pd
import pytest

from gradex_analysis.cohort.cohort import Cohort

RATED = {"rated": "during", "recalled": "peak_recalled", "pain": "before"}


@pytest.fixture
def make_case():
    """Make a cohort of P1 (and P2, who has nothing): ``make_case([{...}, ...], sessions=[...])``.

    Of an exposure, ``rated`` and ``recalled`` are peaks of fear, ``pain`` is before it (0 to 10);
    everything else is a column. More tables by name; ``patient_id`` is P1 where they lack it.
    """

    def make(exposures=(), *, simulated=False, **tables):
        rows, ratings = [], []
        for at, given in enumerate(exposures):
            row = {"exposure_id": f"P1-E{at + 1}", "item_id": "P1-I1", **given}
            for name, moment in RATED.items():
                if name in row:
                    kind, scale = ("pain", "0-10") if name == "pain" else ("fear", "0-100")
                    ratings.append((row["exposure_id"], kind, moment, row.pop(name), scale))
            rows.append(row)
        made = {
            "participants": pd.DataFrame({"patient_id": ["P1", "P2"]}),
            "exposures": pd.DataFrame(rows).assign(patient_id="P1"),
            "ratings": pd.DataFrame(
                ratings, columns=["exposure_id", "kind", "moment", "value", "scale_id"]
            ).assign(patient_id="P1", minute=lambda r: r["moment"].map({"during": 0.0})),
        }
        for name, given in tables.items():
            frame = pd.DataFrame(given)
            made[name] = frame if "patient_id" in frame else frame.assign(patient_id="P1")
        return Cohort.from_tables(made, simulated=simulated)

    return make
