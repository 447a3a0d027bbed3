"""From the files people write to values: suites with line numbers, rows to samples, the first look at the data."""
