"""People: one account each, signing in with an e-mail address; guest, host and operator are roles of it."""
