"""Evaluating: how well complaints are told from the rest, on every kind of post, beside baselines."""
