"""Does the page show the numbers it has, and words for those it has not?"""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from gradex_analysis.patient import describe_patient

WIDTH, HEIGHT = 297 / 25.4, 210 / 25.4


@pytest.fixture
def full(make_case):
    days = [f"2024-01-{day}" for day in (10, 12, 14)]
    done = [
        {"started_at": day, "status": "done", "stopped_by": stop, "stop_cause": cause,
         "is_homework": home, "expectancy_before": 70.0, "expectancy_after": 20.0,
         "occurrence": "no", "expected_peak_fear": 90.0, **peak}
        for day, stop, cause, home, peak in zip(
            days, ("plan", "patient", "plan"), (None, "fear", None), (False, False, True),
            ({"rated": 80.0}, {"rated": 60.0}, {"recalled": 40.0}), strict=True,
        )
    ]  # fmt: skip
    forms = {"instrument": ["NRS"] * 2, "occasion": ["baseline", "post"], "score": [6.0, 3.0]}
    diary = {"date": ["2024-01-10"], "pain": [5.0]}
    return describe_patient(make_case(done, assessments=forms, diary=diary, simulated=True), "P1")


def draw(page):
    figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
    page.plot(figure.add_subplot())
    figure.draw_without_rendering()
    return figure


def panels(figure):
    return {panel.get_ylabel() or "other": panel for panel in figure.axes[0].child_axes}


def words(figure):
    return [text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text"))]


def test_the_page_is_a_landscape_a4(full):
    assert full.figure_size == pytest.approx((WIDTH, HEIGHT))


def test_each_exposure_is_a_point_at_its_peak_and_an_item_one_line(full):
    top = panels(draw(full))["Peak fear (0–100)"]
    (line,) = [line for line in top.lines if len(line.get_xdata()) == 3]
    assert line.get_ydata().tolist() == [80.0, 60.0, 40.0]
    assert line.get_xdata().tolist() == [0.0, 2.0, 4.0]
    drawn = np.vstack([dots.get_offsets() for dots in top.collections])
    assert {(0.0, 80.0), (2.0, 60.0), (4.0, 40.0), (0.0, 90.0)} <= set(map(tuple, drawn.tolist()))


def test_the_whole_scale_is_shown_with_its_quarters(full):
    top = panels(draw(full))["Peak fear (0–100)"]
    assert top.get_yticks().tolist() == [0, 25, 50, 75, 100]
    low, high = top.get_ylim()
    assert low <= 0
    assert high >= 100


def test_homework_is_hollow_and_an_early_stop_a_cross_with_its_cause(full):
    figure = draw(full)
    top = panels(figure)["Peak fear (0–100)"]
    faces = next(d.get_facecolors() for d in top.collections if len(d.get_facecolors()) == 3)
    assert faces[2].tolist() == [1, 1, 1, 1]
    assert faces[0].tolist() != [1, 1, 1, 1]
    assert {"F", "stopped early: F fear", "peak recalled on a form"} <= set(words(figure))


def test_all_panels_share_their_days(full):
    spans = {panel.get_xlim() for panel in draw(full).axes[0].child_axes[:4]}
    assert len(spans) == 1


def test_the_questionnaires_stand_at_the_right_as_numbers(full):
    said = words(draw(full))
    assert {"NRS", "baseline", "post", "6", "3", "−3", "not judged", "yes, better"} <= set(said)


def test_simulated_data_and_no_triage_stand_on_the_page(full):
    assert "Simulated example data   ·   Research use; not for triage" in words(draw(full))


def test_what_was_not_recorded_leaves_a_line_with_a_word(make_case):
    bare = describe_patient(
        make_case([{"started_at": "2024-01-10", "status": "done", "rated": 50.0}]), "P1"
    )
    said = set(words(draw(bare)))
    assert {"Expectancy: not recorded", "Pain: not recorded", "Sessions: not recorded"} <= said
    by_label = panels(draw(bare))
    assert by_label["Peak fear (0–100)"].get_position().height > 0.4


def test_a_patient_without_anything_can_be_drawn(make_case):
    case = make_case([{"started_at": "2024-01-10", "status": "done", "rated": 50.0}])
    assert "Peak fear: not recorded" in words(draw(describe_patient(case, "P2")))


def test_nothing_hangs_over_the_edge_of_the_page(full):
    figure = draw(full)
    box = figure.get_tightbbox()
    assert box.x0 >= -0.01
    assert box.x1 <= WIDTH + 0.01


def test_an_adverse_event_long_after_stands_at_the_edge_with_its_date(make_case):
    done = [{"started_at": day, "status": "done", "rated": 50.0}
            for day in ("2024-01-10", "2024-01-20")]  # fmt: skip
    events = {"event_id": ["A1"], "onset": ["2024-06-30"], "serious": [True]}
    figure = draw(describe_patient(make_case(done, adverse_events=events), "P1"))
    assert "serious 30 Jun 2024 →" in words(figure)
    assert panels(figure)["Peak fear (0–100)"].get_xlim()[1] < 20
