"""The rule pages, and the examples they show."""
