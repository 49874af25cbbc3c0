"""How does an outcome change over exposures to the same item, over sessions, over days?"""

from gradex_analysis.trajectories.courses import Trajectories, fit_trajectories

__all__ = ["Trajectories", "fit_trajectories"]
