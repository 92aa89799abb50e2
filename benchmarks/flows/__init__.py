"""The programs that the suite compares, each a process of its own."""
