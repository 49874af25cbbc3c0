"""Kaplan-Meier over things of clusters: by hand, by a second implementation, by simulation."""

from __future__ import annotations

import numpy as np
import pytest

from gradex_analysis.stats.time_to_event import share_by_time, time_by_which


def test_the_textbook_table_of_remission_times():
    # Freireich and others 1963, 6-MP: 21 patients, in weeks; S as in every textbook
    times = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    happened = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    curve = share_by_time(times, happened, range(21)).set_index("time")
    known = {6: 0.8571, 7: 0.8067, 10: 0.7529, 13: 0.6902, 16: 0.6275, 22: 0.5378, 23: 0.4482}
    for time, staying in known.items():
        assert 1 - curve.loc[time, "estimate"] == pytest.approx(staying, abs=5e-5)
    assert time_by_which(curve.reset_index())["estimate"] == 23
    assert curve[["n_happened", "n_censored"]].sum().tolist() == [9, 12]


def test_without_censoring_the_standard_error_is_that_of_a_share():
    # clusters of one thing, nobody lost: the jackknife's variance is p (1 - p) / (n - 1)
    curve = share_by_time([1, 2, 3, 4, 5], [1] * 5, range(5))
    p = curve["estimate"].to_numpy()[:-1]
    assert curve["std_error"].to_numpy()[:-1] == pytest.approx(np.sqrt(p * (1 - p) / 4))
    assert curve[["ci_low", "ci_high"]].iloc[-1].isna().all()


def test_things_of_one_cluster_are_not_counted_as_independent():
    times, happened = [1, 2, 3, 4] * 10, [1, 1, 0, 1] * 10
    apart = share_by_time(times, happened, range(40))
    together = share_by_time(np.sort(times), np.array([1, 1, 0, 1]).repeat(10), np.arange(40) // 10)
    assert together["estimate"].tolist() == pytest.approx(apart["estimate"].tolist())
    assert (together["std_error"] > apart["std_error"])[:3].all()


def test_one_cluster_has_no_interval_and_no_rows_no_curve():
    assert share_by_time([1, 2], [1, 0], ["A", "A"])["ci_low"].isna().all()
    assert share_by_time([], [], []).empty


@pytest.mark.slow
def test_intervals_cover_the_share_when_patients_differ():
    rng = np.random.default_rng(7)
    n_patients, n_items = 25, 6
    # each patient's chance of success at each try: beta(2, 3); at try 2: 1 - E[(1 - p)^2]
    true = 1 - (3 * 4) / (5 * 6)
    covered = []
    for _ in range(400):
        chance = rng.beta(2, 3, n_patients).repeat(n_items)
        when, lost = rng.geometric(chance), rng.geometric(0.15, n_patients * n_items)
        owner = np.arange(n_patients).repeat(n_items)
        curve = share_by_time(np.minimum(when, lost), when <= lost, owner).set_index("time")
        covered.append(curve.loc[2, "ci_low"] < true < curve.loc[2, "ci_high"])
    # 400 draws: Monte Carlo SE .011
    assert 0.915 < np.mean(covered) < 0.985
