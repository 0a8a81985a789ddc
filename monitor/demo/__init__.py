"""The demonstration: invented feeds on loopback, and a mail server that keeps what it is given."""
