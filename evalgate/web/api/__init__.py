"""The JSON API under /api/v1; each file is one noun and exposes `router`."""
