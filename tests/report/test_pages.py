"""In which order does the page stand, and what does paper get?"""

from __future__ import annotations

import re

import pytest

from gradex_analysis.report.pages import render_page
from gradex_analysis.report.sections import Section

PROVENANCE = {"gradex_analysis": "0", "python": "3", "packages": {}, "inputs": []}
SECTIONS = (
    Section("03_fall", (), ((2, "a", "How far?"),)),
    Section("06_team", (), ((2, "b", "What needs doing?"),), leads_without_arms=True),
)


@pytest.fixture
def render(make_cohort):
    def render(**said):
        return render_page(make_cohort(**said), SECTIONS, title="x", provenance=PROVENANCE)

    return render


def anchors(page):
    return re.findall(r'<section id="(\w+)">', page)


def test_what_needs_doing_stands_first_where_nobody_is_compared(render):
    page = render(has_arms=False)
    assert anchors(page) == ["06_team", "read", "03_fall", "versions"]
    assert (
        page.index('href="#06_team"') < page.index('href="#read"') < page.index('href="#03_fall"')
    )


def test_with_arms_it_stands_in_its_own_place(render):
    assert anchors(render(has_arms=True)) == ["read", "03_fall", "06_team", "versions"]


def test_the_page_begins_with_its_doctype(render):
    assert render().startswith("<!doctype html>")


def test_every_printed_sheet_of_simulated_data_says_so(render):
    box = '@top-right { content: "Simulated example data"; }'
    assert box in render(simulated=True)
    assert box not in render(simulated=False)
