"""What customers get: words and facts become a mail, a text message, a line of chat or a script for a call."""
