"""The mathematics of a trained model on real samples, computed by Keras."""
