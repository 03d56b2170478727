"""What the merchant sees: promises kept, delays told. It reads what the other slices write, and changes none of it."""
