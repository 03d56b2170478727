"""Shipping over HTTP: the options with price and window, as JSON."""
