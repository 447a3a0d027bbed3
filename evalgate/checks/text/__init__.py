"""Reading texts: views, word edges, phrases and patterns. Knows nothing of checks."""
