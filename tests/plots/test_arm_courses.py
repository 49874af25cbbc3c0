"""Are courses drawn where they were, with room for every word?"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from gradex_analysis.plots import arm_courses, style
from gradex_analysis.plots.arm_courses import Panel, Scale, head_of

LOOKS = style.arm_styles(["a", "b"])
TIMES = [0.0, 1.0, 2.0, 3.0, 12.0, 52.0]


def make_panel(times=TIMES, names=None, **scale) -> Panel:
    means = pd.DataFrame(
        [(arm, time, 20.0 + (arm == "b"), 8) for arm in "ab" for time in times[1:]],
        columns=["arm", "time", "estimate", "n"],
    )
    observed = pd.DataFrame(
        [("p", "a", time, 20.0) for time in times] + [("alone", "b", times[-1], 30.0)],
        columns=["series", "arm", "time", "value"],
    )
    start = pd.DataFrame({"arm": ["a", "b"], "time": times[0], "estimate": 24.0, "n": [9, 7]})
    return Panel(
        scale=Scale(name="TSK-11", **{"low": 11.0, "high": 44.0} | scale),
        means=means.assign(ci_low=18.0, ci_high=23.0),
        observed=observed,
        start=start,
        table=pd.DataFrame(),
        ticks=dict(zip(times, names or [f"{time:g}" for time in times], strict=True)),
        time_words="Weeks",
    )


def draw(panel: Panel, letters: int = 60):
    with style.context():
        ax = style.new_axes(style.DOUBLE_COLUMN)
        head = head_of(panel.scale, letters=letters)
        arm_courses.draw(ax, panel, LOOKS, head=head, letters=letters, first=True)
    return ax


def texts(ax) -> list[str]:
    return [text.get_text() for text in ax.texts]


def test_every_time_has_its_tick_and_those_with_room_their_name():
    panel = make_panel()
    ax = draw(panel)
    assert list(ax.get_xticks()) == TIMES
    named = [text for text in texts(ax) if text in panel.ticks.values()]
    assert named == ["0", "12", "52"]


def test_arms_stand_beside_each_other_nearer_than_the_next_time():
    panel = make_panel(times=[0.0, 10.0, 10.5])
    ax = draw(panel)
    marks = [
        line for line in ax.lines if line.get_marker() in ("o", "s") and len(line.get_xdata()) == 2
    ]
    first, second = (np.asarray(line.get_xdata()) for line in marks)
    assert (first < second).all()
    assert second[0] < first[1]


def test_all_arms_set_out_from_the_same_baseline():
    ax = draw(make_panel())
    courses = [
        line for line in ax.lines if line.get_linestyle() != "None" and len(line.get_xdata()) == 6
    ]
    assert [line.get_ydata()[0] for line in courses] == [24.0, 24.0]
    assert [line.get_xdata()[0] for line in courses] == [0.0, 0.0]


def test_a_patient_seen_once_is_a_point_and_not_lost():
    ax = draw(make_panel())
    points = [line for line in ax.lines if line.get_alpha() and len(line.get_xdata()) == 1]
    assert [(line.get_ydata()[0], to_hex(line.get_color()).upper()) for line in points] == [
        (30.0, LOOKS["b"].color)
    ]


def test_long_names_of_occasions_stand_upright_where_there_is_no_room():
    names = ["baseline", "after\ntreatment", "follow-up"]
    wide = draw(make_panel(times=[0.0, 1.0, 2.0], names=names), letters=60)
    narrow = draw(make_panel(times=[0.0, 1.0, 2.0], names=names), letters=26)
    assert "after\ntreatment" in texts(wide)
    (upright,) = [text for text in narrow.texts if text.get_text() == "after treatment"]
    assert upright.get_rotation() == 90


@pytest.mark.parametrize(("better", "said"), [("lower", "↓"), ("higher", "↑"), ("", "")])
def test_which_end_is_better_is_said_where_it_is_known(better, said):
    shown = " ".join(texts(draw(make_panel(better=better))))
    assert (f"{better} is better {said}" in shown) == bool(better)


def test_changes_too_large_to_stand_above_one_another_stand_side_by_side():
    alone = draw(make_panel(important=4.0))
    stacked = draw(make_panel(important=4.0, detectable=7.0))
    beside = draw(make_panel(important=4.0, detectable=20.0))
    middles = [
        [text.xy[1] for text in ax.texts if text.get_rotation() == 90]
        for ax in (alone, stacked, beside)
    ]
    assert len(middles[0]) == 1
    assert middles[1][0] < middles[1][1]
    assert middles[2][0] == middles[2][1] == pytest.approx(27.5)


def test_nothing_is_drawn_of_changes_that_nobody_published():
    ax = draw(make_panel(important=math.nan))
    assert not [text for text in texts(ax) if "important" in text]
