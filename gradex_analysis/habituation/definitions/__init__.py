"""Which definitions are there, and what if another had been used?"""
