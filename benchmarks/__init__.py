"""How fast Groundswell is, measured on this machine: ``make bench``."""
