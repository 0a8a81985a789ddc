"""Watches news feeds for Russia's war against Ukraine and mails digests worth reading."""

__version__ = "0.1.0"
