"""What every command that reads a history of real orders shares: rows, cells, and how far it has come."""
