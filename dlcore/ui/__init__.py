"""The dashboard's pieces: the router, what pages share, and one folder a place that the sidebar names."""
