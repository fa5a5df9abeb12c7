"""Toss Payments in the same sandbox: its own paths under ``/toss``, keys, errors and window; the same books and faults.

Written after the public reference of the Core API. Where that is silent the sandbox is the stricter one: a key used
again with another body is refused, while the real gateway repeats the first answer whatever the body says.
"""
