"""What an operator's environment makes of the settings about webhooks."""

import importlib
from collections.abc import Iterator
from ipaddress import ip_network

import pytest
from django.core.exceptions import ImproperlyConfigured

import keep4o_site.settings.webhooks as module
from keep4o_site.settings import site


@pytest.fixture(autouse=True)
def _module_as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    yield
    monkeypatch.undo()
    importlib.reload(module)


def test_own_networks_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBHOOK_REFUSED_NETWORKS", "203.0.113.0/24,2001:db8::/32")

    read = importlib.reload(module).WEBHOOK_REFUSED_NETWORKS

    assert read == (ip_network("203.0.113.0/24"), ip_network("2001:db8::/32"))


@pytest.mark.parametrize("value", ["example.org", "203.0.113.7/24", "203.0.113.0/24;10.0.0.0/8"])
def test_what_is_no_network_stops_the_start_and_names_the_variable(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("WEBHOOK_REFUSED_NETWORKS", value)

    with pytest.raises(ImproperlyConfigured, match="WEBHOOK_REFUSED_NETWORKS"):
        importlib.reload(module)


@pytest.mark.parametrize("is_development", [True, False])
def test_this_machine_is_posted_to_in_development_only(monkeypatch: pytest.MonkeyPatch, is_development: bool) -> None:
    monkeypatch.setattr(site, "DEVELOPMENT", is_development)

    assert importlib.reload(module).WEBHOOKS_TO_LOOPBACK is is_development
