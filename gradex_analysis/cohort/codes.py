"""How is a code of the data shown to a reader?"""

from __future__ import annotations


def named(code: object) -> str:
    """Return an arm, an occasion or a reason as a sentence or a figure shows it.

    Tables keep the code as it is: ``graded_exposure`` is said *graded exposure*.
    """
    return str(code).replace("_", " ")
