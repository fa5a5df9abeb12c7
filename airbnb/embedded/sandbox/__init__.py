"""The payment sandbox: small gateways of their own process, state and rules, shaped like Stripe and Toss Payments.

It stands where real gateways would: the application reaches it through the adapters of its payments and nothing
else. It uses the standard library only and imports nothing of the application, so that its books
can judge it.
"""
