"""The shared cache, which may vanish: without Redis the site is slower, not broken."""

from __future__ import annotations

from typing import Any

import structlog
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache, where an unreachable server counts as an empty cache."""

    def _try(self, name: str, fallback: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return getattr(super(), name)(*args, **kwargs)
        except (RedisError, OSError) as error:
            log.warning("cache_unreachable", operation=name, error=str(error))
            return fallback

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """The value, or the default."""
        return self._try("get", default, key, default, version)

    def set(self, *args: Any, **kwargs: Any) -> None:
        """Keep, if there is somewhere to keep it."""
        self._try("set", None, *args, **kwargs)

    def add(self, *args: Any, **kwargs: Any) -> bool:
        """Keep if absent; True when it cannot be known, so that nobody is locked out by a missing server."""
        return bool(self._try("add", True, *args, **kwargs))

    def touch(self, *args: Any, **kwargs: Any) -> bool:
        """Prolong."""
        return bool(self._try("touch", False, *args, **kwargs))

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        """Forget."""
        return bool(self._try("delete", False, *args, **kwargs))

    def get_many(self, *args: Any, **kwargs: Any) -> dict[Any, Any]:
        """Several values; none when unreachable."""
        found: dict[Any, Any] = self._try("get_many", {}, *args, **kwargs)
        return found

    def set_many(self, *args: Any, **kwargs: Any) -> list[Any]:
        """Keep several; returns the keys that were not kept."""
        failed: list[Any] = self._try("set_many", [], *args, **kwargs)
        return failed

    def has_key(self, *args: Any, **kwargs: Any) -> bool:
        """Whether it is kept."""
        return bool(self._try("has_key", False, *args, **kwargs))
