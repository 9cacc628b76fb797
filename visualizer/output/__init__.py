"""What leaves the window: pictures, videos, the system report."""
