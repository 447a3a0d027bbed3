"""Checks in code, their views of a text, and masking. Importing this package loads none of them."""
