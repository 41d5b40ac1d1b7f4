"""Comparisons in each output format."""
