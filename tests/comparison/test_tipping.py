"""How much worse must the missing values be before a finding changes? By hand and by law."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradex_analysis.comparison.tipping import adjust, expect_residuals, find_tipping, say_tipping
from gradex_analysis.errors import CannotAnswerError, UnknownNameError

LAW = settings(max_examples=25, deadline=None, derandomize=True)


def patients_of(**arms):
    """Make patients at post: ``patients_of(new="..x", old="....")``, x is missing."""
    rows = [(arm, "post", mark == "x") for arm, marks in arms.items() for mark in marks]
    return pd.DataFrame(rows, columns=["arm", "occasion", "is_missing"])


def contrast_of(estimate, std_error, df=40.0, arm="new"):
    return pd.DataFrame([{"arm": arm, "reference": "old", "occasion": "post",
                          "estimate": estimate, "std_error": std_error, "df": df}])  # fmt: skip


# by hand


def test_the_estimate_moves_by_delta_times_the_difference_in_the_share_missing():
    patients = patients_of(new="xx........", old="x...")
    table = adjust(contrast_of(-6, 2), patients, better="lower", sd=10, deltas=[4])
    moved = table.set_index("added_to")
    assert moved.loc["other arms", "estimate"] == pytest.approx(-6 + 4 * 2 / 10)
    assert moved.loc["all arms", "estimate"] == pytest.approx(-6 + 4 * (2 / 10 - 1 / 4))
    # a share p of n patients varies by p (1 - p) / (n - 1), in either arm on its own
    new, old = 0.2 * 0.8 / 9, 0.25 * 0.75 / 3
    assert moved.loc["other arms", "std_error"] == pytest.approx((4 + 16 * new) ** 0.5)
    assert moved.loc["all arms", "std_error"] == pytest.approx((4 + 16 * (new + old)) ** 0.5)


def test_the_first_delta_that_overturns_is_found_and_no_larger_one_is_tried():
    patients = patients_of(new="x" * 20 + "." * 20, old="." * 40)
    table = adjust(contrast_of(-5, 2), patients, better="lower", sd=10)
    # half are missing: -5 + d / 2 plus 2.02 standard errors exceeds 0 between d = 1 and d = 2
    first, second, last = (table.iloc[at] for at in range(3))
    assert [first["delta"], second["delta"]] == [0, 1]
    assert 1 < last["delta"] < 2
    assert table["overturned"].tolist() == [False, False, True] * 2
    # the finding turns where the interval's end touches 0, known to a millionth of a step
    assert 0 <= last["ci_high"] < 1e-5
    assert last["estimate"] == pytest.approx(-5 + last["delta"] / 2)
    assert find_tipping(table)["delta"].tolist() == [last["delta"]] * 2


def test_a_finding_that_just_holds_tips_at_next_to_nothing():
    patients = patients_of(new="x" * 20 + "." * 20, old="." * 40)
    table = adjust(contrast_of(-4.05, 2), patients, better="lower", sd=10)
    assert table.iloc[0]["ci_high"] < 0
    found = find_tipping(table)["delta"].iloc[0]
    assert 0 < found < 0.1  # not the first step of 1
    assert f"new against old at post, {found:.2f} if added" in say_tipping(find_tipping(table))


@pytest.mark.parametrize(("better", "deltas"), [
    ("lower", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
    ("higher", [0, -1, -2, -3, -4, -5, -6, -7, -8, -9, -10]),
    ("", [*range(11), *range(-1, -11, -1)]),
])  # fmt: skip
def test_deltas_run_towards_worse_in_tenths_of_the_sd_up_to_one(better, deltas):
    patients = patients_of(new="x" + "." * 39, old="." * 40)
    table = adjust(contrast_of(30, 2), patients, better=better, sd=10)
    own = table[table["added_to"] == "other arms"]
    assert own["delta"].tolist() == pytest.approx(deltas)
    assert find_tipping(table)["delta"].isna().all()


@pytest.mark.parametrize("sd", [0.0, float("nan"), {("new", "post"): float("nan")}])
def test_without_a_spread_the_standard_error_is_the_unit(sd):
    patients = patients_of(new="x" + "." * 39, old="." * 40)
    table = adjust(contrast_of(30, 2), patients, better="lower", sd=sd)
    assert table["delta"].max() == pytest.approx(2)


def test_a_finding_that_was_not_told_is_overturned_where_it_comes_to_be():
    patients = patients_of(new="x" * 20 + "." * 20, old="." * 40)
    table = adjust(contrast_of(3, 2), patients, better="lower", sd=10)
    last = table[table["overturned"]].iloc[0]
    assert 2 < last["delta"] < 3  # 4.5 - 2.02 * 2.0 > 0
    assert 0 <= last["ci_low"] < 1e-5


def test_all_of_ones_own_deltas_are_tried_and_nothing_else():
    patients = patients_of(new="xx..", old="....")
    table = adjust(contrast_of(-5, 2), patients, better="lower", sd=10, deltas=[-3, 8, 20])
    assert table.loc[table["added_to"] == "other arms", "delta"].tolist() == [-3, 8, 20]


def test_nobody_missing_is_an_empty_table_and_said():
    table = adjust(contrast_of(-5, 2), patients_of(new="...", old="..."), better="lower", sd=10)
    assert table.empty
    assert say_tipping(find_tipping(table)).startswith("No value is missing")


def test_where_only_the_reference_lost_patients_delta_is_added_in_all_arms_only():
    table = adjust(contrast_of(-5, 2), patients_of(new="...", old="x.."), better="lower", sd=10)
    assert set(table["added_to"]) == {"all arms"}
    assert (table["estimate"].diff().dropna() < 0).all()


def test_the_sentence_says_where_a_finding_changes_and_where_none_does():
    patients = patients_of(new="x" * 20 + "." * 20, old="x" * 20 + "." * 20)
    found = find_tipping(adjust(contrast_of(-5, 2), patients, better="lower", sd=10))
    said = say_tipping(found, unit="points", better="lower")
    assert "in points, higher is worse" in said
    own = f"{found['delta'].iloc[0]:.2f}"
    assert f"new against old at post, {own} if added in all arms but the reference, none up" in said
    assert said.endswith("none up to 10.0 if added in all arms.")


def test_many_contrasts_are_counted_not_listed():
    patients = patients_of(a="xx..", b="x...", c="xxx.", d="xx..", old="....")
    several = pd.concat([contrast_of(-4.1, 2, arm=arm) for arm in "abcd"])
    found = find_tipping(adjust(several, patients, better="lower", sd=10))
    said = say_tipping(found, better="lower")
    assert "4 of 4 findings change" in said
    # three of four in c are missing, so that the same delta moves its mean the furthest
    assert "(c against old at post)" in said


# by law


@LAW
@given(st.integers(0, 10_000), st.floats(-9, 9))
def test_p_value_and_interval_agree_and_delta_zero_changes_nothing(seed, delta):
    draws = np.random.default_rng(seed)
    n = 30
    patients = pd.DataFrame({
        "arm": np.array(["new", "old", "third"])[np.arange(n) % 3], "occasion": "post",
        "is_missing": draws.random(n) < 0.3, "baseline": draws.normal(40, 8, n),
        "site": draws.choice(["A", "B"], n), "residual": draws.normal(0, 2, n),
    })  # fmt: skip
    contrast = contrast_of(draws.normal(0, 4), 2, df=25)
    more = {"better": "lower", "sd": 8.0, "adjusted_for": ["baseline", "site"]}
    table = adjust(contrast, patients, deltas=[0, delta], **more)
    assert ((table["p_value"] < 0.05) == (table["ci_low"] * table["ci_high"] > 0)).all()
    still = table[table["delta"] == 0]
    assert still["estimate"].tolist() == pytest.approx([contrast["estimate"].iloc[0]] * len(still))
    assert still["std_error"].tolist() == pytest.approx([2.0] * len(still))
    shuffled = adjust(contrast, patients.sample(frac=1, random_state=1), deltas=[0, delta], **more)
    pd.testing.assert_frame_equal(table, shuffled)


def test_what_was_seen_is_kept_and_what_was_not_is_regressed_on_it():
    covariance = pd.DataFrame([[4.0, 3.0], [3.0, 9.0]], index=["a", "b"], columns=["a", "b"])
    residuals = pd.DataFrame({"a": [2.0, np.nan, 1.0, np.nan], "b": [np.nan, 3.0, 5.0, np.nan]})
    expected = expect_residuals(residuals, covariance)
    assert expected.to_numpy().tolist() == [[2, 1.5], [1, 3], [1, 5], [0, 0]]


# bad input


def test_a_covariate_that_is_missing_is_refused_with_the_count():
    patients = patients_of(new="x..", old="...").assign(baseline=[1, 2, None, 3, 4, 5])
    with pytest.raises(CannotAnswerError, match=r"1 patients lack .*baseline"):
        adjust(contrast_of(-5, 2), patients, better="lower", sd=1, adjusted_for=["baseline"])


@pytest.mark.parametrize("deltas", [[], [float("nan")], [float("inf"), 1]])
def test_deltas_that_are_no_numbers_are_refused(deltas):
    with pytest.raises(CannotAnswerError, match="delta needs"):
        adjust(contrast_of(-5, 2), patients_of(new="x..", old="..."), better="lower", sd=1,
               deltas=deltas)  # fmt: skip


def test_a_direction_that_is_none_is_refused():
    with pytest.raises(UnknownNameError, match="better"):
        adjust(contrast_of(-5, 2), patients_of(new="x..", old="..."), better="smaller", sd=1)
