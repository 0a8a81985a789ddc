"""What the matcher finds, against labels made by reading."""
