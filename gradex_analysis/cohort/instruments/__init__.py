"""Which questionnaires are known, and what does their score mean? Keys as data, no item text."""

from gradex_analysis.cohort.instruments.instrument import Instrument
from gradex_analysis.cohort.instruments.keys import find_instrument, known_instruments

__all__ = ["Instrument", "find_instrument", "known_instruments"]
