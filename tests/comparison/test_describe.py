"""Who are the patients of each arm? By hand, beside tableone, and in pictures."""

import numpy as np
import pandas as pd
import pytest
from tableone import TableOne

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.comparison import describe_arms
from gradex_analysis.errors import CannotAnswerError

SIX = {"A": [(30, 20), (28, 20), (26, 20)], "B": [(20, 20), (24, 20), (22, None)]}


def row(table, **where):
    for name, value in where.items():
        table = table[table[name] == value]
    assert len(table) == 1
    return table.iloc[0]


def test_a_number_is_described_by_hand(make_trial):
    table = describe_arms(make_trial(**SIX)).table
    a = row(table, variable="TSK-11", arm="A")
    assert (a["mean"], a["sd"], a["median"], a["q1"], a["n"]) == (28, 2, 28, 27, 3)
    assert row(table, variable="TSK-11", arm="overall")["mean"] == 25


def test_shares_are_of_those_not_missing(make_trial):
    cohort = make_trial(people={"sex": ["f", "f", "m", "m", None, "f"]}, **SIX)
    description = describe_arms(cohort)
    b = row(description.table, variable="sex", level="f", arm="B")
    assert (b["count"], b["percent"], b["n"], b["n_missing"]) == (1, 50, 2, 1)
    display = description.display
    assert display.loc[display["level"] == "f", "B (n = 3)"].tolist() == ["1 (50\u00a0%)"]
    assert display.loc[display["level"] == "f", "missing"].tolist() == ["0 / 1"]
    assert "Missing (patients): Sex (1)." in description.sentence()


def test_age_is_told_only_of_those_with_both_years(make_trial):
    cohort = make_trial(people={"birth_year": [1974, 1984, None, 1964, 1954, 1994]}, **SIX)
    a = row(describe_arms(cohort).table, variable="age", arm="A")
    assert (a["mean"], a["n_missing"]) == (45, 1)


def test_without_a_date_of_randomisation_the_year_of_birth_is_described(make_trial):
    years = [1974, 1984, 1990, 1964, 1954, 1994]
    cohort = make_trial(people={"birth_year": years, "randomised_on": None}, **SIX)
    assert set(describe_arms(cohort).variables["variable"]) == {"birth_year", "TSK-11"}
    assert "Groups were not randomised." in describe_arms(cohort).sentence()


def test_further_columns_of_participants_are_covariates(make_trial):
    people = {
        "work": ["yes", "no", "no", "yes", "no", "no"],
        "height": [1.6, 1.7, 1.8, 1.6, 1.7, 1.8],
    }
    kinds = describe_arms(make_trial(people=people, **SIX)).variables.set_index("variable")["kind"]
    assert (kinds["work"], kinds["height"]) == ("categorical", "continuous")


def test_a_patient_without_an_arm_is_listed_not_lost(make_trial):
    cohort = make_trial(people={"arm": ["A", "A", None, "B", "B", "B"]}, **SIX)
    description = describe_arms(cohort)
    assert description.excluded.to_numpy().tolist() == [["P03", "without an arm"]]
    assert "5 of 6 patients are described at baseline (2 in A, 3 in B)." in description.sentence()


def test_a_cohort_without_arms_has_one_column_and_no_balance(make_trial):
    description = describe_arms(make_trial(people={"arm": [None] * 6}, **SIX))
    assert list(description.display) == ["characteristic", "level", "all (n = 6)", "missing"]
    assert description.balance.empty
    assert "6 of 6 patients" in description.sentence()
    assert "random" not in description.sentence()


def test_nothing_known_of_patients_cannot_be_described():
    cohort = Cohort.from_tables({"participants": pd.DataFrame({"patient_id": ["P1"]})})
    with pytest.raises(CannotAnswerError, match="Nothing is known of the patients at baseline"):
        describe_arms(cohort)


def test_the_largest_difference_is_said_and_what_is_not_recorded(make_trial):
    said = describe_arms(make_trial(**SIX)).sentence()
    # means 28 and 22, both SD 2
    assert "largest standardised difference between arms is 3.00 SD, in TSK-11" in said
    assert "A against B; 1 of 1 differences exceed 0.2." in said
    assert "Not recorded: age, sex, diagnosis, pain duration, site." in said


@pytest.mark.parametrize("people", [None, {"arm": [None] * 6}])
def test_the_figure_shows_the_numbers_of_the_result(make_trial, people):
    description = describe_arms(make_trial(people=people, **SIX))
    ax = description.plot()
    drawn = [float(x) for mark in ax.collections if len(mark.get_offsets())
             for x in mark.get_offsets()[:, 0]]  # fmt: skip
    lines = [float(x) for line in ax.lines for x in line.get_xdata()]
    if people is None:
        assert description.balance["smd"].abs().tolist() == [x for x in drawn if x > 0]
    else:  # TSK-11 has the ends 11 and 44
        patients = (description.patients["value"] - 11) / 33
        assert set(patients) <= set(lines)
    assert description.alt_text().count("TSK-11") >= 1


def test_words_alone_are_described_without_a_picture():
    people = pd.DataFrame({"patient_id": ["P1", "P2"], "sex": ["f", "m"]})
    description = describe_arms(Cohort.from_tables({"participants": people}))
    assert description.alt_text() == description.sentence()
    assert not description.plot().axison


def test_an_infinite_difference_is_shown_as_one(make_trial):
    cohort = make_trial(people={"site_id": ["S1", "S1", "S1", "S2", "S2", "S2"]}, **SIX)
    description = describe_arms(cohort)
    assert np.isinf(description.balance.set_index("variable").loc["site_id", "smd"])
    assert "∞" in [text.get_text() for text in description.plot().texts]


# tableone 0.9.6 sets rows in a way that a later pandas will refuse
@pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")
def test_a_real_trial_is_described_as_tableone_does(btheb):
    description = describe_arms(btheb)
    people = btheb.participants[["arm", "drug", "length"]]
    scores = btheb.assessments.query("occasion == 'baseline'").set_index("patient_id")["score"]
    people = people.assign(BDI=btheb.participants["patient_id"].map(scores))
    theirs = TableOne(
        people.astype({"arm": "object", "drug": "object", "length": "object"}),
        columns=["drug", "length", "BDI"], categorical=["drug", "length"], continuous=["BDI"],
        groupby="arm", smd=True, pval=False,
    )  # fmt: skip
    for variable in ("drug", "length", "BDI"):
        ours = row(description.balance, variable=variable)["smd"]
        expected = float(theirs.smd_table.loc[variable].iloc[0])
        assert abs(ours) == pytest.approx(abs(expected), rel=1e-9)  # the same formula
    for arm in ("BtheB", "TAU"):
        ours = row(description.table, variable="BDI", arm=arm)
        found = ours[["mean", "sd", "median", "q1", "q3"]].astype(float)
        own = theirs.cont_describe.loc["BDI"]
        expected = [own[name][arm] for name in ("mean", "std", "median", "q25", "q75")]
        np.testing.assert_allclose(found, np.array(expected, dtype=float), rtol=1e-9)
        for level in ("No", "Yes"):
            n = row(description.table, variable="drug", level=level, arm=arm)["count"]
            assert n == theirs.cat_describe.loc[("drug", level), ("freq", arm)]
