"""Notifications: every change of a reservation told to whom it concerns, in their language, once per channel."""
