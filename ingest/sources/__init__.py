"""Where live posts come from: one file for each source."""
