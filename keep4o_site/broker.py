"""
The broker's channel, so that a worker outlives the loss of Valkey.

Kombu 5.7 goes on to use a channel whose connection was lost: to acknowledge a task that has just ended, to give back one
that has not. It trips over what is no longer there, calls that no connection error, and the worker dies: with late
acknowledgement nearly every time that Valkey restarts. A channel of ours says what it is, and Celery connects anew.
"""

from typing import Any

from kombu.transport import redis
from redis.exceptions import ConnectionError as ConnectionLost


class SteadyQoS(redis.QoS):
    """Gives nothing back when it closes: what was not done is asked for again within a second."""

    restore_at_shutdown = False


class _KnowsItsLoss:
    """What makes a channel know whether its connection is gone."""

    connection: Any

    def _connparams(self, asynchronous: bool = False) -> Any:
        transport: Any = self.connection
        if transport is None or transport.client is None:
            raise ConnectionLost("the connection of this channel is gone")
        return super()._connparams(asynchronous)  # type: ignore[misc]  # the channel that this is mixed into has it


class SteadyChannel(_KnowsItsLoss, redis.Channel):
    """To a Valkey at one address."""

    QoS = SteadyQoS


class SteadySentinelChannel(_KnowsItsLoss, redis.SentinelChannel):
    """To the primary that sentinels name."""

    QoS = SteadyQoS


def use_steady_channels() -> None:
    """This function will make every connection to the broker that this process opens use such channels."""
    redis.Transport.Channel = SteadyChannel
    redis.SentinelTransport.Channel = SteadySentinelChannel
