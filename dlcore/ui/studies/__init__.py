"""The list of studies, and the page of one."""
