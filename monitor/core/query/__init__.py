"""The watch language: what a rule in one line says, how it is read back, and whether an entry answers it."""
