"""From samples to the arrays a run trains on, kept on the disk."""
