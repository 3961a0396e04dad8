"""Rates into signals, signals into changes of an incident: pure arithmetic and pure decisions."""
