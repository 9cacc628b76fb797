"""What lies over a picture: captions, the probe, the scale of colours, how the picture is placed."""
