"""The compiled part of the flow: loops over every byte, in C, called by name from Python."""
