"""Packs: versioned lists of terms and patterns with examples, the shipped ones and people's own."""
