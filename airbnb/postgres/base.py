"""Django's PostgreSQL backend, which notices before a request that the server has hung up meanwhile.

Without this, every connection that a restart of the database has cut costs one request an error. Django's own
``CONN_HEALTH_CHECKS`` asks the server before every request, and lets the pool wait longer with each dead connection,
so that five of them are too many. Here the socket is looked at, which costs microseconds and no question: whoever has
hung up has left something to be read. Only then the server is asked, and when it does not answer, the whole pool.
"""

from __future__ import annotations

import select
from typing import Any

from django.db.backends.postgresql import base
from psycopg import Connection, OperationalError


class DatabaseWrapper(base.DatabaseWrapper):
    """Connections of the pool, without those that are cut."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection that was whole a moment ago; OperationalError when none can be had in time."""
        connection = super().get_new_connection(conn_params)
        if self.pool is None or not self._is_cut(connection):
            return connection
        self.pool.putconn(connection)  # which does away with it
        self.pool.check()  # its fellows were cut by the same restart
        return super().get_new_connection(conn_params)

    def _is_cut(self, connection: Connection[Any]) -> bool:
        waiting = select.poll()
        waiting.register(connection.fileno(), select.POLLIN)
        if not waiting.poll(0):
            return False
        try:
            self.pool.check_connection(connection)
        except OperationalError:
            return True
        return False
