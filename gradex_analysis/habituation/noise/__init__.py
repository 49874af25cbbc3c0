"""How much of an index is noise?"""
