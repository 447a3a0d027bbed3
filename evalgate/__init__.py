"""evalgate: evidence and a decision between a new AI release and its users."""

__version__ = "0.1.0"
