"""Which oddities of real data does the example hold, and where?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Planted:
    """Oddities put into a draw on purpose; patients are given by number, the first is 0.

    They are fixed by this list and the seed, never chosen for what an analysis makes of them.
    """

    small_site_every: int | None = None  #: the last site gets every so many-th patient, no other
    small_site_first: int = 0  #: and begins with this patient
    pcs_imbalance: float = 0.0  #: SDs of PCS added at all occasions in the first arm
    ten_point_therapist: int | None = None  #: rates fear from 0 to 10
    rising_patient: int | None = None  #: every exposure rises to its end
    single_rating_patient: int | None = None  #: one rating in one exposure, then stops treatment
    late_form_patient: int | None = None  #: fills in the 6-month form after 8.5 months
    late_form_day: float = 259.0


NOTHING = Planted()
