"""Plays a history of real orders through the app, under a clock of its own."""
