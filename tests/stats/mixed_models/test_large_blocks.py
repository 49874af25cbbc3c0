"""Kenward-Roger gives way to Satterthwaite where more than 2,000 rows depend on one another."""

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.stats.mixed_models import fit_mixed_model


@pytest.fixture(scope="module")
def rows():
    """520 patients, 4 rows each, 4 items that all of them share: one block of 2,080 rows."""
    rng = np.random.default_rng(5)
    n = 520
    frame = pd.DataFrame(
        {
            "patient_id": np.repeat([f"P{i:03d}" for i in range(n)], 4),
            "item": np.tile(list("abcd"), n),
            "arm": np.repeat(rng.choice(["x", "y"], n), 4),
        }
    )
    levels = dict(zip("abcd", rng.normal(0, 2, 4), strict=True))
    own = np.repeat(rng.normal(0, 1, n), 4)
    return frame.assign(fear=own + frame["item"].map(levels) + rng.normal(0, 1, 4 * n))


HOW = {"outcome": "fear", "fixed": "arm", "random": None, "groups": "patient_id"}


def test_items_that_tie_all_rows_together_leave_satterthwaite(rows):
    fit = fit_mixed_model(rows, **HOW, crossed="item")
    assert fit.settings["df"] == "satterthwaite"
    assert any("2,080 rows" in note for note in fit.notes)
    asked = fit_mixed_model(rows, **HOW, crossed="item", df="satterthwaite")
    pd.testing.assert_frame_equal(fit.coefficients, asked.coefficients)


def test_patients_alone_keep_kenward_roger(rows):
    fit = fit_mixed_model(rows, **HOW)
    assert fit.settings["df"] == "kenward-roger"
    assert not fit.notes
