"""The example shop in a real browser."""
