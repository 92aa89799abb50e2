"""How fast the flow is, as ratios to limits measured in the same run."""
