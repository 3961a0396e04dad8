"""Mastodon, through Mastodon.py."""
