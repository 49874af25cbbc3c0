"""Does a figure of a comparison hold its numbers, its scale and its words?"""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.comparison.figures import Compared, describe, draw_many, draw_one, shorten
from gradex_analysis.plots import style

SETTINGS = {
    "outcome": "TSK-11", "label": "Tampa Scale for Kinesiophobia", "unit": "points",
    "better": "lower", "low": 11, "high": 44, "outcome_sd": 6.0, "reference": "usual_care",
    "at": None, "randomised": True, "word": "arm", "adjusted_for": ["baseline"],
    "arms": ["exposure", "usual_care"], "baseline_mean": 28.0, "important_change": 4.0,
    "important_change_verified": False, "detectable_change": 7.04,
    "detectable_change_verified": False,
}  # fmt: skip
#: arm, occasion, day, estimate
MEANS = [
    ("exposure", "post", 84.0, 21.0), ("exposure", "later", 182.0, 20.0),
    ("usual_care", "post", 84.0, 25.0), ("usual_care", "later", 182.0, 25.5),
]  # fmt: skip


def compared(**changed) -> Compared:
    means = pd.DataFrame(MEANS, columns=["arm", "occasion", "day", "estimate"])
    means = means.assign(
        ci_low=means["estimate"] - 2, ci_high=means["estimate"] + 2, n=[9, 8, 7, 6]
    )
    table = pd.DataFrame(
        {
            "arm": "exposure", "reference": "usual_care", "occasion": ["post", "later"],
            "estimate": [-4.0, -5.5], "ci_low": [-7.0, -8.5], "ci_high": [-1.0, -2.5],
            "standardiser": 5.0,
        }
    )  # fmt: skip
    observed = pd.DataFrame(
        [
            (f"P{i}", arm, occasion, day, 28.0 + i - drop)
            for i in range(4)
            for arm in [("exposure", "usual_care")[i % 2]]
            for occasion, day, drop in [("baseline", -3.0, 0), ("post", 80.0 + i, 4)]
        ],
        columns=["patient_id", "arm", "occasion", "day", "value"],
    )
    frames = {"table": table, "means": means, "observed": observed}
    frames |= {name: changed.pop(name) for name in frames if name in changed}
    return Compared(settings=SETTINGS | changed, **frames)


def draw(one: Compared):
    with style.context():
        ax = style.new_axes((180 * style.MILLIMETRE, 100 * style.MILLIMETRE))
        draw_one(ax, one, style.arm_styles(one.settings["arms"]))
    courses, forest = (ax.figure.axes[1], ax)
    return courses, forest


def texts(ax) -> list[str]:
    return [text.get_text().replace("\u00a0", " ").replace("\n", " ") for text in ax.texts]


def test_courses_and_contrasts_hold_the_numbers_of_their_frames():
    one = compared()
    courses, forest = draw(one)
    for arm, look in style.arm_styles(one.settings["arms"]).items():
        own = one.means[one.means["arm"] == arm]
        marks = [line for line in courses.lines if line.get_marker() == look.marker]
        drawn = [line.get_ydata() for line in marks if len(line.get_ydata()) == len(own)]
        assert [list(heights) for heights in drawn] == [list(own["estimate"])]
    points = [line.get_xdata()[0] for line in forest.lines if len(line.get_xdata()) == 1]
    assert points == list(one.table["estimate"])
    assert "−4.0 (−7.0 to −1.0)" in texts(forest)


def test_weeks_stand_where_they_were_and_the_scale_is_whole():
    courses, _ = draw(compared())
    assert courses.get_xticks() == pytest.approx([-3 / 7, 12, 26])
    assert [text for text in texts(courses) if text.isdigit()][:3] == ["0", "12", "26"]
    assert courses.get_ylim() == (11, 44)
    assert "Weeks" in texts(courses)


def test_without_days_occasions_stand_evenly_and_it_is_said():
    one = compared()
    nowhere = {name: getattr(one, name).assign(day=math.nan) for name in ("means", "observed")}
    courses, _ = draw(compared(**nowhere))
    assert list(courses.get_xticks()) == [0, 1, 2]
    assert "Occasions (their days are not recorded)" in texts(courses)


def test_how_many_were_observed_stands_below_each_time():
    courses, _ = draw(compared())
    shown = texts(courses)
    assert "n ● exposure" in shown
    below = shown.index("n ● exposure")
    assert shown[below - 3 : below] == ["2", "9", "8"]  # two of four patients had a baseline


def test_whom_a_difference_favours_is_said_for_trials_only():
    _, forest = draw(compared())
    assert {"← favours exposure", "favours usual care →"} <= set(texts(forest))
    _, forest = draw(compared(better="higher"))
    assert {"← favours usual care", "favours exposure →"} <= set(texts(forest))
    for unknown in ({"randomised": False}, {"better": ""}):
        _, forest = draw(compared(**unknown))
        assert {"← lower than in usual care", "higher than in usual care →"} <= set(texts(forest))
        assert not any("favours" in text for text in texts(forest))


def test_changes_that_nobody_checked_are_marked_and_those_unknown_are_not_drawn():
    courses, forest = draw(compared())
    assert {"important 4†", "detectable 7.04†"} <= set(texts(courses))
    assert [line.get_xdata()[0] for line in forest.lines[1:3]] == [-4, 4]
    courses, forest = draw(compared(important_change=None, detectable_change=None))
    assert not any("†" in text for ax in forest.figure.axes for text in texts(ax))
    courses, _ = draw(compared(important_change_verified=True, detectable_change_verified=True))
    assert "important 4" in texts(courses)


def test_a_long_name_is_cut_and_told_in_full_below():
    long = "exposure_with_a_physiotherapist_and_a_psychologist"
    one = compared()
    frames = {
        name: getattr(one, name).replace("exposure", long)
        for name in ("table", "means", "observed")
    }
    courses, forest = draw(compared(**frames, arms=[long, "usual_care"]))
    assert "n ● exposure with a…" in texts(courses)
    note = " ".join(texts(forest.figure.axes[2])).replace("\n", " ")
    assert "exposure with a…: exposure with a physiotherapist and a psychologist." in note


def test_names_that_are_cut_alike_are_told_apart():
    names = shorten([f"exposure therapy in a group of {n}" for n in (6, 8)] + ["tau"])
    assert len(set(names.values())) == 3
    assert names["tau"] == "tau"
    assert all(len(name) <= 30 for name in names.values())


def test_drawn_again_nothing_moves():
    # text that is wider than its axes must not narrow them each time
    with style.context():
        ax = style.new_axes((180 * style.MILLIMETRE, 130 * style.MILLIMETRE))
        draw_many(ax, [compared()] * 4, style.arm_styles(SETTINGS["arms"]))
    places = []
    for _ in range(2):
        ax.figure.draw_without_rendering()
        places.append([panel.get_position().bounds for panel in ax.figure.axes])
    np.testing.assert_allclose(places[1], places[0], atol=1e-6)  # of the figure's size


@pytest.mark.parametrize("n", [1, 4, 5, 8])
def test_outcomes_stand_at_most_four_beside_each_other_each_over_its_contrasts(n):
    with style.context():
        ax = style.new_axes((180 * style.MILLIMETRE, 130 * style.MILLIMETRE))
        draw_many(ax, [compared()] * n, style.arm_styles(SETTINGS["arms"]))
        ax.figure.draw_without_rendering()
    panels = ax.figure.axes[1:-1]
    assert len(panels) == 2 * n
    for courses, forest in zip(panels[::2], panels[1::2], strict=True):
        above, below = courses.get_position(), forest.get_position()
        assert above.x0 == pytest.approx(below.x0)
        assert above.y0 > below.y1
    sides = {round(panel.get_position().x0, 3) for panel in panels}
    assert len(sides) == (n if n <= 4 else math.ceil(n / 2))


@pytest.mark.parametrize("n", [2, 3, 4, 8])
def test_no_text_stands_over_another(n):
    one = compared(arms=["exposure", "usual_care", "waiting_list"])
    more = one.table.assign(arm="waiting_list")
    one = compared(arms=one.settings["arms"], table=pd.concat([one.table, more]))
    with style.context():
        ax = style.new_axes((180 * style.MILLIMETRE, 130 * style.MILLIMETRE))
        draw_many(ax, [one] * n, style.arm_styles(one.settings["arms"]))
        ax.figure.draw_without_rendering()
    shown = [text for own in ax.figure.axes for text in own.texts if text.get_text()]
    assert sum("favours" in text.get_text() for text in shown) == 2 * n
    boxes = [(text.get_text(), text.get_window_extent()) for text in shown]
    for (one_text, one_box), (other_text, other_box) in itertools.combinations(boxes, 2):
        wide = min(one_box.x1, other_box.x1) - max(one_box.x0, other_box.x0)
        high = min(one_box.y1, other_box.y1) - max(one_box.y0, other_box.y0)
        # boxes of lines below one another touch: a pixel
        assert min(wide, high) <= 1, (one_text, other_text)


def test_outcomes_are_drawn_as_far_as_equally_many_standard_deviations():
    with style.context():
        ax = style.new_axes((180 * style.MILLIMETRE, 130 * style.MILLIMETRE))
        wide = compared()
        wide.table["standardiser"] = 10.0
        draw_many(ax, [compared(), wide], style.arm_styles(SETTINGS["arms"]))
    first, second = (panel.get_xlim()[1] for panel in ax.figure.axes[2:5:2])
    assert second == pytest.approx(2 * first)


def test_beside_other_axes_the_contrasts_stand_alone():
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(1, 2)
    draw_one(axes[1], compared(), style.arm_styles(SETTINGS["arms"]))
    assert figure.axes == list(axes)


def test_the_words_for_those_who_cannot_see_hold_every_number():
    said = describe(compared()).replace("\u00a0", " ")
    assert said.startswith(
        "TSK-11 (11 to 44), lower is better. Week 12: exposure 21.0 (95 % CI 19.0"
    )
    assert "Differences from usual care (95 % CI): exposure, week 12: −4.0 (−7.0 to −1.0);" in said
    assert "n = 8" in said


def test_a_scale_without_ends_shows_what_there_is():
    courses, _ = draw(compared(low=None, high=None))
    low, high = courses.get_ylim()
    assert low < 18
    assert high > 31
    assert np.isfinite([low, high]).all()
