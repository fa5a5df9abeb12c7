"""Altering a stay: either side proposes, the other decides, the nights of both stays are kept until then."""
