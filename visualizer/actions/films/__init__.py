"""Films: those of the timeline, and what becomes of recordings."""
