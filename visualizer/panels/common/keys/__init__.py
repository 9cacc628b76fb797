"""What of the timeline is seen beside controls."""
