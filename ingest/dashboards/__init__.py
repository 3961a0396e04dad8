"""Official dashboards: one file for each kind."""
