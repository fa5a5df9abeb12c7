"""How long it takes to check every invariant over 100,000 reservations."""
