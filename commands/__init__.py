"""What the commands of ``groundswell`` do and print."""
