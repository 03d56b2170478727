"""The providers of tracking that are built in."""
