"""What is measured of a network over many pictures."""
