"""One incident as a picture for a post-mortem: a subject in, the text of an SVG out. Nothing is read here."""
