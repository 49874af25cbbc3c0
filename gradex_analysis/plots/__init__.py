"""How is a tidy table drawn? No statistics here."""
