"""What needs doing before the next meeting?"""

from gradex_analysis.audit.delivery import Audit, audit_delivery
from gradex_analysis.audit.places import PlaceAudit, audit_places

__all__ = ["Audit", "PlaceAudit", "audit_delivery", "audit_places"]
