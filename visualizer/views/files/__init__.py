"""The file browser inside the window."""
