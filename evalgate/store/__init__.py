"""All tables behind one door: rows become core values and core values become rows. The store decides nothing."""
