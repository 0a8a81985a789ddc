"""All sockets."""
