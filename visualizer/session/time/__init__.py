"""Time in the window: the playhead while it moves, frames made beforehand, what of the timeline is selected."""
