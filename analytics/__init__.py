"""Queries as files, run on a schedule and drawn in a report; they change nothing in the store."""
