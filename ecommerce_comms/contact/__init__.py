"""Contact: customers whom somebody of the shop rings up."""
