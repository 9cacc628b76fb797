"""The window, its textures and our controls over ImGui. Knows nothing of networks."""
