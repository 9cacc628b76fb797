"""Requests, latents and pictures as files and text. Imports base, request, parameters and loading."""
