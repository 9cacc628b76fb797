"""The workspace Animate: the picture above, the timeline below."""
