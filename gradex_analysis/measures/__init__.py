"""What do several questions need from a cohort? Cohort in, tidy frame out."""
