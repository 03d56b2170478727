"""Who the customers are and how they wish to be reached."""
