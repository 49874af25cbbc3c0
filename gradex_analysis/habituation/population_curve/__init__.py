"""How does fear fall in a population of patients?"""
