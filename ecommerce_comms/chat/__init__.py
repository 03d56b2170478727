"""Chat: what the shop and a customer say to each other, line by line."""
