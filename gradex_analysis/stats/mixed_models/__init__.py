"""What do repeated measures say, when patients are few and some are missing?

One Gaussian likelihood, ``y_i ~ N(X_i b, V_i)``: ``fit_mmrm`` has ``V_i`` from a covariance of
visits, ``fit_mixed_model`` from random intercepts and slopes.
"""

from gradex_analysis.stats.mixed_models.fit import MixedFit
from gradex_analysis.stats.mixed_models.mixed import fit_mixed_model
from gradex_analysis.stats.mixed_models.mmrm import fit_mmrm
from gradex_analysis.stats.mixed_models.structures import COVARIANCES

__all__ = ["COVARIANCES", "MixedFit", "fit_mixed_model", "fit_mmrm"]
