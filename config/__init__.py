"""What an operator may set, read once at start."""
