"""Sessions: begun, opened, saved, kept by themselves, and what they need found."""
