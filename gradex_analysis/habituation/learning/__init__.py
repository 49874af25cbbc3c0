"""What does one model of all ratings say of falls within and between exposures, and of return?"""
