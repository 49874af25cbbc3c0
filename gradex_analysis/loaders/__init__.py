"""How does data come in? A path becomes a checked cohort."""

from gradex_analysis.loaders.load import load_cohort

__all__ = ["load_cohort"]
