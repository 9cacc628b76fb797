"""What the window does with the shelf."""
