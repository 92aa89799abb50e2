"""Where results land, one module a destination."""
