"""What computes when a parcel will arrive."""
