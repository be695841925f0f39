"""The cache as the site wants it: a help when Valkey is there, and no hindrance when it is not."""

import logging
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)
_LOST = RedisError  # away, too slow, or refusing to write: its memory or its disk is full


class ForgivingRedisCache(RedisCache):
    """Answers as an empty cache while Valkey cannot be reached, so that reading, signing and signing in go on."""

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        try:
            return super().get(key, default, version)
        except _LOST:
            _note_loss()
            return default

    def set(self, key: Any, value: Any, timeout: Any = 300, version: int | None = None) -> None:
        try:
            super().set(key, value, timeout, version)
        except _LOST:
            _note_loss()

    def add(self, key: Any, value: Any, timeout: Any = 300, version: int | None = None) -> bool:
        try:
            return bool(super().add(key, value, timeout, version))
        except _LOST:
            _note_loss()
            return True  # an empty cache would have taken it

    def delete(self, key: Any, version: int | None = None) -> bool:
        try:
            return bool(super().delete(key, version))
        except _LOST:
            _note_loss()
            return False


def _note_loss() -> None:
    logger.warning("cache_unreachable")
