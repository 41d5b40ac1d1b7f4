"""Explanations of pulls in each output format."""
