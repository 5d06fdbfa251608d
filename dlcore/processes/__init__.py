"""What a child process does: a run, a job."""
