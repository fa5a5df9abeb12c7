"""Storms: many people at once, each storm with a control in which its guard is off and which must go red.

Short forms run with the suite; ``make storm`` runs the long ones (``STORM_SEED`` and ``STORM_SECONDS`` are heeded).
"""
