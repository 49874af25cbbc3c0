"""How is a code shown to a reader?"""

from __future__ import annotations

import pytest

from gradex_analysis.cohort.codes import named


@pytest.mark.parametrize(
    ("code", "shown"),
    [("graded_exposure", "graded exposure"), ("TSK-11", "TSK-11"), ("all", "all"), (3, "3")],
)
def test_a_code_is_shown_with_blanks(code, shown):
    assert named(code) == shown
