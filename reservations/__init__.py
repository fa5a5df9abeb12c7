"""Reservations: holds, stays and their cancellation; the record that a guest and a host agreed on."""
