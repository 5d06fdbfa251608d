"""What is done with a spec: templates, code, import of Keras models, edits, estimates. No Keras."""
