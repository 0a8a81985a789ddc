"""What `benchmarks.mail` is made of: invented editions, and the ways to send."""
