"""Changes of incidents, turned into signed HTTP requests. ``docs/webhooks.md`` is the subscriber's side."""
