"""What a chat server really sends: samples of its topics, and findings about them."""
