"""What is the data, and what may stand in it?"""
