"""Tries arrival dates and delay notices on a shop's own past, day by day, with nothing but what was known on each day."""
