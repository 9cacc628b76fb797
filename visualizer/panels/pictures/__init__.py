"""Small pictures of requests in panels."""
