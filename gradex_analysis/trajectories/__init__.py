"""How does an outcome change over exposures to the same item, over sessions, over days?"""

from gradex_analysis.trajectories.answers import ModelledTrajectories, Trajectories
from gradex_analysis.trajectories.courses import fit_trajectories

__all__ = ["ModelledTrajectories", "Trajectories", "fit_trajectories"]
