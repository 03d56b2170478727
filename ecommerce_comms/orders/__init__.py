"""What happened to which order."""
