"""What is on the wire and what becomes a row: values and their decoding, no I/O."""
