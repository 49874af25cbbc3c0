"""How does fear change from session to session, with the difficulty of items held?"""
