"""Plans in each output format."""
