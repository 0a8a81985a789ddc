"""The killable worker processes round core/parsing: a document that takes for ever costs nobody but itself."""
