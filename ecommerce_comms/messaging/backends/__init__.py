"""What sends messages: one module a backend."""
