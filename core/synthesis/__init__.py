"""From a request to a picture: latents, w, noise, layers that are kept and mixed. Imports base, request and display."""
