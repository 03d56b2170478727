"""What providers tell us about mails: delivered, came back, marked as spam. From the webhook to the message and the address."""
