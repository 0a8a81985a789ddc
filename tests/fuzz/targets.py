"""Targets of the fuzzer: each has SEEDS, invented documents of ours, and `check`, which raises for a finding."""

TARGETS = ("feeds", "news", "dates", "addresses", "charsets", "lengths", "lists", "pages")
