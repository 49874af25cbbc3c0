"""Which mathematics do the questions draw on? Arrays in, numbers out."""
