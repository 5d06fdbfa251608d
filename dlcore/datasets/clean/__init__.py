"""What is removed or filled in before training, and how samples are divided."""
