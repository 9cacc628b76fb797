"""What everything rests on: errors, progress, devices, text, files, memory. Imports nothing else of core."""
