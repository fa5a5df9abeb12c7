"""When something happened to a reservation, its payment or its reviews, tell whom it concerns and nobody else."""

from __future__ import annotations

from notifications.reactions import alterations, payments, payouts, reservations, reviews

__all__ = ["alterations", "payments", "payouts", "reservations", "reviews"]
