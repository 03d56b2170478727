"""A shop with integer keys, whose words are not ours."""
