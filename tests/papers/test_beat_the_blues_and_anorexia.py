"""Two published trials come in by description alone, with nothing lost."""

from __future__ import annotations

import pytest

from gradex_analysis.loaders import load_cohort

BEAT_THE_BLUES = """
schema = 1

[[file]]
path = "BtheB.csv"
numbered.patient_id = []
columns.arm = "treatment"
covariates = { drug = "category", length = "category" }
missing = { NA = "missing" }
scores = [
  { column = "bdi.pre", instrument = "BDI", occasion = "baseline" },
  { column = "bdi.2m", instrument = "BDI", occasion = "2_months" },
  { column = "bdi.3m", instrument = "BDI", occasion = "3_months" },
  { column = "bdi.5m", instrument = "BDI", occasion = "5_months" },
  { column = "bdi.8m", instrument = "BDI", occasion = "8_months" },
]

[instruments.BDI]
low = 0
high = 63
better = "lower"

[answers]
arms = "randomised"
"""

ANOREXIA = """
schema = 1

[[file]]
path = "anorexia.csv"
numbered.patient_id = []
columns.arm = "Treat"
scores = [
  { column = "Prewt", instrument = "weight", occasion = "baseline" },
  { column = "Postwt", instrument = "weight", occasion = "post" },
]

[instruments.weight]
better = "higher"

[answers]
arms = "randomised"
"""


@pytest.fixture
def described(tmp_path, reference):
    def _load(name, mapping):
        path = tmp_path / "mapping.toml"
        path.write_text(mapping)
        return load_cohort(reference(name), mapping=path)

    return _load


def test_beat_the_blues_is_a_hundred_people_in_two_arms(described):
    cohort = described("hsaur3/BtheB.csv", BEAT_THE_BLUES)
    assert cohort.participants["arm"].value_counts().to_dict() == {"BtheB": 52, "TAU": 48}
    assert cohort.participants["drug"].value_counts().to_dict() == {"No": 56, "Yes": 44}
    assert cohort.questions.empty
    # 280 scores after baseline enter the mixed models of the oracle (term "nobs")
    later = cohort.assessments[cohort.assessments["occasion"] != "baseline"]
    assert later["score"].notna().sum() == 280
    assert later["score"].isna().sum() == 120


def test_anorexia_is_seventy_two_people_in_three_arms(described):
    cohort = described("mass_anorexia/anorexia.csv", ANOREXIA)
    assert cohort.participants["arm"].value_counts().to_dict() == {"CBT": 29, "Cont": 26, "FT": 17}
    assert cohort.assessments["score"].notna().sum() == 144
    assert cohort.instrument("weight").better == "higher"
