"""Was the hierarchy in the right order, how far was it climbed, and did untouched items follow?"""

from gradex_analysis.hierarchy.generalisation import Generalisation, measure_generalisation
from gradex_analysis.hierarchy.ladder import Ladder, describe_ladder
from gradex_analysis.hierarchy.order import HierarchyOrder, measure_order
from gradex_analysis.hierarchy.progress import HierarchyProgress, measure_progress

__all__ = [
    "Generalisation",
    "HierarchyOrder",
    "HierarchyProgress",
    "Ladder",
    "describe_ladder",
    "measure_generalisation",
    "measure_order",
    "measure_progress",
]
