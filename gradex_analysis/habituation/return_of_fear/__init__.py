"""How much fear comes back?"""
