"""What the window is laid out of: bars, docks, the views in its centre, dialogs."""
