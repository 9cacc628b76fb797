"""How long the stages of a frame take, and how long its convolutions would."""
