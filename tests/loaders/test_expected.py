"""Do surprise and expected pain load on their scales?"""

from __future__ import annotations

LOG = "patient_id,session_number,item_id,minute,fear"


def test_our_own_names_have_our_scales(load):
    done = load(f"{LOG},expected_pain,surprise\nP1,1,I1,0,80,7,40\n").exposures
    assert done[["expected_pain", "surprise"]].to_numpy().tolist() == [[7.0, 40.0]]


def test_a_foreign_name_waits_for_its_scale_and_is_brought_to_ours(load):
    text = f"{LOG},how surprised\nP1,1,I1,0,80,7\n"
    mapping = '[[file]]\npath = "log.csv"\ncolumns.surprise = "how surprised"'
    asked = load(text, mapping=mapping)
    assert asked.questions["column"].tolist() == ["how surprised"]
    assert asked.exposures["surprise"].isna().all()
    said = f'{mapping}\nscales."how surprised" = "0-10"'
    assert load(text, mapping=said).exposures["surprise"].tolist() == [70.0]
