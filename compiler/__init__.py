"""mirrorc: an offline compiler for container-mirror policy in GitOps repos."""

__version__ = "0.1.0"
