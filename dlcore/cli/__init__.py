"""`python -m dlcore …`: the same calls as the pages, for a terminal and for scripts."""
