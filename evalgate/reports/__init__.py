"""Reports: a decision as people and machines read it, in English, Spanish and Portuguese. Nothing is decided here."""
