"""The pure heart: samples, outcomes, metrics, statistics, gates. No I/O, no clock, no dice, no async."""
