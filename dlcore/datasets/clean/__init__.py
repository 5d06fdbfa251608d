"""What is taken out or filled in before training, and how samples are divided."""
