"""Invented feeds on loopback, and what polls them: the parts of `benchmarks.poll`."""
