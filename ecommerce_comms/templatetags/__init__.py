"""Tags for a shop's own templates."""
