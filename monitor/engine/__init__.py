"""Who runs the jobs, and again if they die."""
