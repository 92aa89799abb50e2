"""What became of records that could not be decoded: found, explained, put back."""
