"""Read by gunicorn by itself: an address may be as long as this server can take, so that the portal answers it."""

limit_request_line = 8190
