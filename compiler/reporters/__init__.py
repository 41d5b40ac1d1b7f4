"""One module for each output format: findings in, text out."""
