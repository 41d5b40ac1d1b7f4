"""Surveys of images in each output format."""
