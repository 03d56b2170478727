"""How a message looks around its words: one page for e-mail programs, one letter in plain text."""
