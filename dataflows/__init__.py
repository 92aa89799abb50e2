"""The chat dataflow, one module a step; start reading in `dataflows.chat`."""
