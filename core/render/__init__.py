"""From requests to frames with open networks, and who owns those."""
