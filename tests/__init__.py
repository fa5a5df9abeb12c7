"""The tests: one folder a context, journeys over HTTP, browser walks, and the house's own rules."""
