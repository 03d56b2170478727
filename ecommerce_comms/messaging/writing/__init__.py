"""What authors write: the built-in texts, their language, and how a body becomes a template."""
