"""The local stack: real PostgreSQL, Valkey, payment sandbox and the product's processes under one command.

Nothing in the product imports this package. It needs no Django: it prepares the environment that the
settings read and starts ``manage.py``, Celery and the web server as children.
"""
