"""Where does a name stand so that it hides no point and no other name?"""

from __future__ import annotations

from collections.abc import Sequence

Place = tuple[float, float]
STEPS = (0, 1, -1, 2, -2, 3, -3, 4, 5, 6, 7, 8)
#: of a name's size, how far its middle stands from its point, and how near others may come
BESIDE, NEAREST_POINT, NEAREST_NAME = 0.65, 0.6, 0.95


def place_names(
    named: Sequence[Place], points: Sequence[Place], *, wide: float, tall: float, side: int
) -> list[Place]:
    """Return the middle of each name, in units of the axes.

    ``named`` are the points that get a name ``wide`` and ``tall``, ``points`` all that are drawn;
    names stand to one ``side`` (1: right, -1: left), else to the other, else higher or lower.
    """
    placed: list[Place] = []
    for x, y in named:
        candidates = [
            (x + way * BESIDE * wide, y + step * tall) for step in STEPS for way in (side, -side)
        ]
        free = (
            place
            for place in candidates
            if not _is_near(place, points, wide * NEAREST_POINT, tall * NEAREST_POINT)
            and not _is_near(place, placed, wide * NEAREST_NAME, tall * NEAREST_NAME)
        )
        placed.append(next(free, candidates[0]))
    return placed


def _is_near(place: Place, others: Sequence[Place], wide: float, tall: float) -> bool:
    return any(abs(place[0] - x) < wide and abs(place[1] - y) < tall for x, y in others)
