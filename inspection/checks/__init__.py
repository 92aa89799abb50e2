"""One file a question: evidence in, findings out."""
