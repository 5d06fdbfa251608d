"""What a model is compared with: answers that need no learning, and small models fitted in seconds."""
