"""How a shop's order becomes a snapshot."""
