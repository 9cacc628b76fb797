"""What is being made, and its history."""
