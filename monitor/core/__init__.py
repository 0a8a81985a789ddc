"""The pure core: data in, data out; no input or output, no clock."""
