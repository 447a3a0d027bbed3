"""Figures of evalgate against floors measured in the same run: `python -m benchmarks [NAME…] [--quick]`."""
