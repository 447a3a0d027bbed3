"""The pages that people read: HTML made here, readable and usable without scripts."""
