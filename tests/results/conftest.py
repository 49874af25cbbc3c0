from dataclasses import dataclass

import pandas as pd
import pytest

from gradex_analysis.results.result import Result


@dataclass(frozen=True, eq=False, kw_only=True)
class Falls(Result):
    """A small answer, typed in by hand."""

    words: str = "Fear fell by 40 points."
    counted: str = ""

    def plot(self, ax=None):
        ax.plot([0, 1], [80, 40])
        return ax

    def sentence(self):
        return self.words

    def noun(self):
        return self.counted or super().noun()

    def alt_text(self):
        return 'Fear fell from 80 to 40, "lower is better".'


@pytest.fixture
def make_falls():
    def make(table, *, reasons=(), **changed):
        excluded = pd.DataFrame(
            {"exposure_id": [f"X{i}" for i in range(len(reasons))], "reason": list(reasons)}
        )
        return Falls(
            table=table,
            unit=("exposure_id",),
            n_considered=len(table) + len(reasons),
            n_used=len(table),
            excluded=excluded,
            settings={"definition": "initial_to_end", "version": 1, "seed": None},
            **changed,
        )

    return make


@pytest.fixture
def falls(make_falls):
    table = pd.DataFrame({"exposure_id": ["E1", "E2"], "fall": [1 / 3, -5.0], "n": [4, 5]})
    return make_falls(table, reasons=["one rating", "one rating", "no end rating"])
