"""What would a cohort look like whose truth is known?"""

from gradex_analysis.simulation.simulated import Simulation, simulate_cohort

__all__ = ["Simulation", "simulate_cohort"]
