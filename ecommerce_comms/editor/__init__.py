"""Where a merchant writes what customers read: the table of all texts, the editor with its preview, the history."""
