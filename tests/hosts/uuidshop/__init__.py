"""A shop with UUID keys in a database of its own, which sells to guests only and asks for no phone number."""
