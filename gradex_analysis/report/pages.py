"""How is the report's page put together?

One page that opens from disk and asks nothing of the network: style, figures and text are in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from gradex_analysis.report.downloads import group_downloads
from gradex_analysis.report.sections import Section

if TYPE_CHECKING:
    from gradex_analysis.cohort.cohort import Cohort


def render_page(
    cohort: Cohort, sections: Sequence[Section], *, title: str, provenance: Mapping[str, Any]
) -> str:
    """Return the page: what was read, what is open, the sections in order, the versions.

    Before all of it stand the sections that lead where nobody is compared: what needs doing.
    """
    leading = [s for s in sections if s.leads_without_arms and not cohort.has_arms]
    environment = Environment(
        loader=PackageLoader("gradex_analysis.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters["downloads"] = group_downloads
    environment.filters["thousands"] = lambda number: f"{number:,}"
    return environment.get_template("page.html").render(
        title=title,
        simulated=cohort.simulated,
        accounting=cohort.accounting.to_dict("records"),
        questions=cohort.questions.to_dict("records"),
        leading=leading,
        sections=[section for section in sections if section not in leading],
        failed=[section for section in sections if section.fault],
        provenance=provenance,
    )
