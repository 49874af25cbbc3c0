"""How long does it take until fear is down?"""
