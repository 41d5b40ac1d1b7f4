"""Hostile input: shapes in any size, random mutations with a corpus, and what runs both."""
