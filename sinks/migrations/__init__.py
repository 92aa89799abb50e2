"""Numbered SQL files, one folder a store; applied in order, each once, each in a transaction."""
