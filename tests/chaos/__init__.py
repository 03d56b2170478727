"""Brokers that are down, frozen or emptied, and processes that are killed: nothing is lost, and nothing is said twice unmarked."""
