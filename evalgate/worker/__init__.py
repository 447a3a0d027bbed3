"""The worker: makes windows, scores them, tells of alerts and forgets old texts, beside any number of its kind."""
