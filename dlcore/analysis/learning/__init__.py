"""The mathematics of deep learning, small enough to be looked at: each number by a formula that a page can show."""
