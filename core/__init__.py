"""The engine without a window: open a network, make a request, render a picture."""
