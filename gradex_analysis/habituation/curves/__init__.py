"""How fast does fear fall within an exposure, by which form of curve?"""
