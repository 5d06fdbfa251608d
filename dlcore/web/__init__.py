"""The ASGI side without widgets: server, headers, and the routes for charts and uploads."""
