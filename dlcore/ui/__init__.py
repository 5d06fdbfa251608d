"""The dashboard: the router, what pages share, and one folder per entry of the sidebar."""
