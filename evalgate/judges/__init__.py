"""Rubrics and replies: what a judge is asked, and how strictly its answer is read. Nothing here awaits or saves."""
