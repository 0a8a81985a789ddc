"""How quick the matcher is: invented forms and texts, ours and its peers, and the loading of the built-in watchlist."""
