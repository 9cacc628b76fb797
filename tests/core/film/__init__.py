"""Tests of films: which frames, made where, written how."""
