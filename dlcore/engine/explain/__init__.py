"""What a trained Keras model sees in a sample: explanations, activations, and a map of the samples."""
