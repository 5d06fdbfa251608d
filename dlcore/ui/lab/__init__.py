"""The evaluation lab: why a run errs, sample by sample."""
