import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from gradex_analysis.stats.curves import fit_decays

# Rounding may move a rate by the tolerance of its search, 1e-9, where its profile is curved.
CLOSE = {"rtol": 1e-5, "atol": 1e-7}
LAW = settings(max_examples=50, deadline=None)


@st.composite
def cohorts(draw):
    """One to four series of 1 to 12 ratings at whole minutes, in one frame."""
    parts = []
    for label in range(draw(st.integers(1, 4))):
        minutes = draw(st.lists(st.integers(0, 40), min_size=1, max_size=12, unique=True))
        ratings = st.lists(st.integers(0, 100), min_size=len(minutes), max_size=len(minutes))
        parts.append(pd.DataFrame({"s": label, "t": minutes, "y": draw(ratings)}))
    return pd.concat(parts, ignore_index=True)


def fit(cohort, **options):
    return fit_decays(cohort["s"], cohort["t"], cohort["y"], **options)


def assert_same_rates(fits, others, *, per=1.0):
    assert fits["status"].tolist() == others["status"].tolist()
    assert fits["identified"].tolist() == others["identified"].tolist()
    known = fits["identified"]
    for name in ("rate", "rate_low", "rate_high"):
        np.testing.assert_allclose(fits.loc[known, name], others.loc[known, name] * per, **CLOSE)
    np.testing.assert_allclose(
        fits.loc[known, "half_life"] * per, others.loc[known, "half_life"], **CLOSE
    )


@LAW
@given(cohorts(), st.sampled_from([60.0, 1 / 60, 86400.0, 7.0]))
def test_minutes_and_seconds_agree(cohort, seconds):
    others = fit(cohort.assign(t=cohort["t"] * seconds))
    fits = fit(cohort)
    assert_same_rates(fits, others, per=seconds)
    np.testing.assert_allclose(fits["rss"], others["rss"], **CLOSE)


@LAW
@given(cohorts(), st.floats(0.01, 100), st.floats(-1000, 1000))
def test_rates_do_not_depend_on_the_scale_of_the_ratings(cohort, unit, zero):
    others = fit(cohort.assign(y=zero + unit * cohort["y"]))
    fits = fit(cohort)
    assert_same_rates(fits, others)
    known = fits["identified"]
    moved = zero + unit * fits.loc[known, "asymptote"]
    np.testing.assert_allclose(others.loc[known, "asymptote"], moved, rtol=1e-4, atol=1e-4 * unit)


@LAW
@given(cohorts(), st.floats(-50, 50))
def test_moving_the_clock_leaves_rate_and_asymptote(cohort, shift):
    fits, others = fit(cohort), fit(cohort.assign(t=cohort["t"] + shift))
    assert_same_rates(fits, others)


@LAW
@given(cohorts(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(cohort, random):
    order = list(cohort.index)
    random.shuffle(order)
    others = fit(cohort.loc[order]).sort_values("series", ignore_index=True)
    pd.testing.assert_frame_equal(fit(cohort), others)


@LAW
@given(cohorts())
def test_a_series_is_fitted_as_if_it_were_alone(cohort):
    alone = [fit(part) for _, part in cohort.groupby("s")]
    together = fit(cohort)
    pd.testing.assert_frame_equal(together, pd.concat(alone, ignore_index=True), rtol=1e-12)


@LAW
@given(cohorts(), st.floats(0, 100))
def test_every_series_has_one_row_and_a_status(cohort, known):
    for fits in (fit(cohort), fit(cohort, start=known, flat_range=10)):
        assert fits["series"].tolist() == list(range(cohort["s"].nunique()))
        assert (
            fits["status"]
            .isin(["ok", "flat", "rising", "at_bound", "not_identified", "too_few"])
            .all()
        )
        inside = fits["rate_low"].le(fits["rate"]) & fits["rate"].le(fits["rate_high"])
        assert (inside | fits["rate"].isna()).all()
        falling = fits[fits["status"] == "ok"]
        assert falling["asymptote"].le(falling["start"]).all()


@LAW
@given(cohorts())
def test_more_confidence_never_makes_a_shorter_interval(cohort):
    fits, surer = fit(cohort, confidence=0.8), fit(cohort, confidence=0.95)
    assert (surer["rate_low"] <= fits["rate_low"] * (1 + 1e-6)).all()
    assert (surer["rate_high"] * (1 + 1e-6) >= fits["rate_high"]).all()
