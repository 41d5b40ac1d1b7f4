"""Findings in each output format, and the report they are rendered from."""
