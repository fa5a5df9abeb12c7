"""A sick payment gateway under mixed load: what guests feel, and how soon all is well again."""
