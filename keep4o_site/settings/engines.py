"""PostgreSQL, Valkey and Celery."""

from typing import Any

from accounts.valkey import sentinels_of
from keep4o_site.env import read_database, read_int, read_text
from outbox.silence import BoundedConnection

# The web server sets its thread count here; elsewhere each process keeps one connection of its own.
_POOL_SIZE = read_int("DATABASE_POOL_SIZE", default=0)
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        **read_database("DATABASE_URL"),
        "ENGINE": "keep4o_site.postgresql",
        "CONN_HEALTH_CHECKS": not _POOL_SIZE,  # of a pool, the engine looks at each connection without asking it
    }
}
# A machine that vanishes closes nothing: without these it is missed after a quarter of an hour. Sockets of files know none.
_NOTICE_VANISHED_MACHINES = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
_OPTIONS: dict[str, Any] = {**_NOTICE_VANISHED_MACHINES, **DATABASES["default"].get("OPTIONS", {})}
DATABASES["default"]["OPTIONS"] = _OPTIONS
if _POOL_SIZE:
    # So long a visitor waits for a database that says nothing. Whoever waited for a replica before, and before that for a
    # page that another process failed to make, is answered within 5 s all the same.
    DATABASES["default"]["PATIENCE_S"] = 1.8
    _OPTIONS.setdefault("connect_timeout", 2)
    # A pool that grows on demand answers its first visitors in up to a second: min = max.
    _OPTIONS["pool"] = {
        "connection_class": BoundedConnection,
        "min_size": _POOL_SIZE,
        "max_size": _POOL_SIZE,
        # There is a connection for each thread: whoever waits for one waits for a lost database.
        "timeout": 1.5,
        # Else the pool asks a lost database ever more rarely, and the site stays away a minute longer than it.
        "reconnect_timeout": 0.5,
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
# Another server that follows the first: public pages are read there while it lags by so little (outbox/replica.py).
DATABASE_REPLICA_MAX_LAG_S = read_int("DATABASE_REPLICA_MAX_LAG_S", default=1)
if read_text("DATABASE_REPLICA_URL", ""):
    DATABASES["replica"] = {
        **DATABASES["default"],
        **read_database("DATABASE_REPLICA_URL"),
        "ENGINE": DATABASES["default"]["ENGINE"],  # an address names Django's own
        "TEST": {"MIRROR": "default"},
    }
    DATABASES["replica"]["OPTIONS"] = {
        **_OPTIONS,
        **DATABASES["replica"].get("OPTIONS", {}),
        # Even if the address is the primary's by mistake.
        "options": "-c default_transaction_read_only=on",
        # Whoever waits for a replica could have the answer of the primary.
        "connect_timeout": 2,
        "tcp_user_timeout": 2000,
    }
    if _POOL_SIZE:
        DATABASES["replica"]["PATIENCE_S"] = 0.5
        DATABASES["replica"]["OPTIONS"]["pool"] = {**_OPTIONS["pool"], "timeout": 0.3}
    DATABASE_ROUTERS = ["outbox.replica.ReplicaRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = read_text("REDIS_URL")
_SENTINELS = sentinels_of(REDIS_URL)
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "keep4o_site.cache.ForgivingRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "keep4o",
        "OPTIONS": {"pool_class": "accounts.valkey.AnyPool", "socket_connect_timeout": 0.5, "socket_timeout": 1},
    }
}

# Celery: late acknowledgement, so that a killed worker loses no task; every task may run twice.
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
    "visibility_timeout": 600,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_timeout": 30,
    "socket_connect_timeout": 2,
}
if _SENTINELS:
    CELERY_BROKER_URL = _SENTINELS.celery_url
    CELERY_BROKER_TRANSPORT_OPTIONS |= {
        "master_name": _SENTINELS.primary,
        "sentinel_kwargs": _SENTINELS.how_to_ask,
        # The machine of the primary may vanish without closing its connections: who waits for it misses its successor.
        "socket_timeout": 5,
        "health_check_interval": 5,
    }
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "keep4o_site.steady_clock:SteadyScheduler"
