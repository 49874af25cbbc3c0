"""Which exposure to an item is the first, the second? By hand and by law."""

from __future__ import annotations

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gradex_analysis.measures.repeated_items import number_exposures, series_keys


def numbers(cohort, **options):
    table = number_exposures(cohort, **options)
    return {
        row.exposure_id: None if pd.isna(row.number) else int(row.number)
        for row in table.itertuples()
    }


def test_recorded_numbers_give_the_order_and_are_counted_anew(make_cohort):
    recorded = {"E1": 7, "E2": 2, "E3": 4}
    exposures = {name: {"exposure_number": number} for name, number in recorded.items()}
    cohort = make_cohort(exposures=exposures, E1=[50], E2=[50], E3=[50])
    assert numbers(cohort) == {"E1": 3, "E2": 1, "E3": 2}


def test_incomplete_or_repeated_numbers_give_way_to_the_dates(make_cohort):
    days = {"E1": "2024-01-09", "E2": "2024-01-02", "E3": "2024-01-05"}
    for recorded in ((1, 2, None), (1, 2, 2)):
        exposures = {
            name: {"exposure_number": number, "started_at": day}
            for (name, day), number in zip(days.items(), recorded, strict=True)
        }
        cohort = make_cohort(exposures=exposures, E1=[50], E2=[50], E3=[50])
        assert numbers(cohort) == {"E1": 3, "E2": 1, "E3": 2}


def test_without_numbers_and_dates_the_rows_give_the_order(make_cohort):
    exposures = {"E1": {"started_at": "2024-01-09"}}  # a single date orders nothing
    cohort = make_cohort(exposures=exposures, E1=[50], E2=[50])
    assert numbers(cohort) == {"E1": 1, "E2": 2}


def test_what_was_not_done_or_has_no_item_is_not_counted(make_cohort):
    exposures = {
        "E1": {"status": "refused"},
        "E2": {"status": "not_done"},
        "E4": {"item_id": None},
        "E5": {"status": "done"},
    }
    cohort = make_cohort(exposures=exposures, E1=[], E2=[], E3=[50], E4=[50], E5=[], E6=[])
    table = number_exposures(cohort)
    assert numbers(cohort) == {"E1": None, "E2": None, "E3": 1, "E4": None, "E5": 2, "E6": None}
    assert dict(zip(table["exposure_id"], table["reason"], strict=True)) == {
        "E1": "refused",
        "E2": "planned and not done",
        "E3": "",
        "E4": "no item: it repeats nothing",
        "E5": "",
        "E6": "neither a status nor a rating: not known to be carried out",
    }


def test_another_context_is_another_series_unless_asked_otherwise(make_cohort):
    exposures = {"E1": {"context": "home"}, "E2": {"context": "work"}, "E3": {"context": "home"}}
    cohort = make_cohort(exposures=exposures, E1=[50], E2=[50], E3=[50], E4=[50])
    assert numbers(cohort) == {"E1": 1, "E2": 1, "E3": 2, "E4": 1}
    assert "not recorded" in set(number_exposures(cohort)["context"])
    apart = number_exposures(cohort, same_context=False)
    assert series_keys(apart) == ["patient_id", "item_id"]
    assert numbers(cohort, same_context=False) == {"E1": 1, "E2": 2, "E3": 3, "E4": 4}


def test_where_no_context_is_recorded_it_is_no_key(make_cohort):
    assert series_keys(number_exposures(make_cohort(E1=[50]))) == ["patient_id", "item_id"]


@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(items=st.lists(st.sampled_from("ab"), min_size=1, max_size=6))
def test_every_series_is_counted_from_one_without_a_hole(make_cohort, items):
    exposures = {f"E{i}": {"item_id": item} for i, item in enumerate(items)}
    cohort = make_cohort(exposures=exposures, **{name: [50] for name in exposures})
    table = number_exposures(cohort)
    for _, own in table.groupby("item_id"):
        assert own["number"].tolist() == list(range(1, len(own) + 1))
