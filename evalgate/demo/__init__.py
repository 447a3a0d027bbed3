"""The whole story offline: a red gate, why it is red, what was repaired, a green gate. Importing this does nothing."""
