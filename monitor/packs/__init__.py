"""The built-in watchlists."""
