"""Rooms: what hosts let, what it costs, when it is free, and how it is found."""
