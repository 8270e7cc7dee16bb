"""How a stream becomes a file."""
