"""Watches news feeds for Russia's war against Ukraine and mails digests worth reading."""

import zoneinfo

zoneinfo.reset_tzpath(())  # the pinned tzdata counts, not the machine's zones, which may be years old or missing

__version__ = "0.1.0"
