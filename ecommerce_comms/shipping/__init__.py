"""When will it come, and is it late."""
