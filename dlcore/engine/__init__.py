"""The only place that imports Keras and TensorFlow: build, train, evaluate, save."""
