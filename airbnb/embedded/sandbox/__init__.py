"""The payment sandbox: a small Stripe-shaped gateway of its own process, state and rules.

It stands where a real gateway would: the application reaches it through the ``stripe`` library and
nothing else. It uses the standard library only and imports nothing of the application, so that its books
can judge it.
"""
