"""What outlives a call: Redis for what is running, SQL for what must last, and memory twins of both."""
