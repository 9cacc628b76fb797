"""What is done with the timeline, wherever it is asked for."""
