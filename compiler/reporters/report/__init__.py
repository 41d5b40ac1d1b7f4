"""The report of a repo: one HTML page of its clusters, sources, images, findings and the change against a base."""
