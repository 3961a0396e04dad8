"""Bluesky, through Jetstream."""
