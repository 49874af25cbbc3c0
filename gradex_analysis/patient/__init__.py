"""What happened with this patient?"""

from gradex_analysis.patient.page import PatientPage, describe_patient

__all__ = ["PatientPage", "describe_patient"]
