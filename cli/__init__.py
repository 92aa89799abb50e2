"""The command `chatflow`."""
