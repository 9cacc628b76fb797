"""The shelf below the picture."""
