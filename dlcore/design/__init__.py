"""What is done with a spec: templates, code, models of Keras read in, edits, estimates. No Keras."""
