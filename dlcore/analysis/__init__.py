"""What answers, labels, curves and textbook models tell, in NumPy alone."""
