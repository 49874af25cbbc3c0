"""Every exposure is counted once, whoever did what."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from matplotlib.collections import PatchCollection

from gradex_analysis.delivery import exposures as delivery_of_exposures
from gradex_analysis.delivery.exposures import describe_exposures
from gradex_analysis.measures.carried_out import STATES

LAW = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
EXPOSURE = st.fixed_dictionaries(
    {
        "p": st.sampled_from(["P1", "P2", "P3"]),
        "item_id": st.sampled_from([None, "I1", "I2"]),
        "status": st.sampled_from([None, "done", "partial", "refused", "not_done"]),
        "is_homework": st.sampled_from([None, "yes", "no"]),
        "stopped_by": st.sampled_from([None, "plan", "patient", "other"]),
        "flare": st.sampled_from([None, "yes", "no"]),
        "fear": st.sampled_from([None, 40]),
    }
)


@LAW
@given(rows=st.lists(EXPOSURE, min_size=1, max_size=8), arms=st.booleans())
def test_every_exposure_is_counted_once(make_study, rows, arms):
    arm_of = dict.fromkeys(["P1", "P2", "P3"], "A" if arms else None)
    delivery = describe_exposures(make_study(arm_of, exposures=rows))
    table, n = delivery.table, len(rows)
    assert delivery.statuses["n"].sum() == n
    assert (table["n_exposures"] + table["n_activities"]).sum() == n
    assert (table[[f"n_{state}" for state in STATES]].sum(axis=1) == table["n_exposures"]).all()
    carried_out = (table["n_carried_out"] + table["n_activities_done"]).sum()
    assert delivery.stops["n"].sum() == carried_out
    assert delivery.harms.query("harm == 'flare'")["n"].sum() == carried_out
    assert delivery.breaks["n_carried_out"].sum() == carried_out
    assert delivery.safety["n"].sum() == table["n_carried_out"].sum()
    assert sorted(delivery.exposures["exposure_id"]) == sorted(f"E{i + 1}" for i in range(n))
    assert delivery.n_used + len(delivery.excluded) == delivery.n_considered == 3


def test_the_figure_draws_every_exposure_at_its_place(make_study):
    statuses = ["done", "done", "partial", "refused", "not_done"]
    rows = [{"p": "P1", "item_id": "I1", "status": s, "planned_on": f"2024-01-{9 - i:02}"}
            for i, s in enumerate(statuses)]  # fmt: skip
    delivery = describe_exposures(make_study({"P1": None}, exposures=rows))
    ax = delivery.plot()
    bars = [c for c in ax.collections if isinstance(c, PatchCollection)]
    assert [len(c.get_paths()) for c in bars] == [2, 1, 1, 1]
    middles = [np.mean(path.vertices[:4, 0]) for c in bars for path in c.get_paths()]
    # planned last to first: the two done come fifth and fourth
    assert sorted(np.round(middles, 6)) == [1, 2, 3, 4, 5]
    assert set(np.round(middles[:2], 6)) == {4, 5}


def test_many_patients_are_drawn_as_sums(make_study, monkeypatch):
    monkeypatch.setattr(delivery_of_exposures, "MOST_ROWS", 1)
    rows = [{"p": p, "item_id": "I1", "status": s}
            for p, s in (("P1", "done"), ("P2", "done"), ("P2", "not_done"))]  # fmt: skip
    delivery = describe_exposures(make_study({"P1": None, "P2": None}, exposures=rows))
    widths = [bar.get_width() for bar in delivery.plot().patches]
    assert widths == [2, 1]
    assert delivery.alt_text().startswith("One bar per group")
