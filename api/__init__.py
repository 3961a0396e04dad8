"""Shows what the house knows: the HTTP API for programs, and the page for people."""
