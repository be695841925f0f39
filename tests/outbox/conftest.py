"""A mail server on loopback, and templates that belong to these tests alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from tests.outbox.smtp_server import SmtpServer, running_smtp_server

TEST_TEMPLATES = Path(__file__).parent / "templates"


@pytest.fixture(autouse=True)
def _test_templates(settings: Settings) -> None:
    settings.MAIL_TEMPLATE_DIRS = [TEST_TEMPLATES, *settings.MAIL_TEMPLATE_DIRS]


@pytest.fixture
def smtp(settings: Settings) -> Iterator[SmtpServer]:
    """The site sends through a real server, which a test may tell to misbehave."""
    with running_smtp_server(SmtpServer()) as server:
        use_smtp(settings, server.port)
        yield server


@pytest.fixture
def smtp_down(settings: Settings) -> SmtpServer:
    """A server that is not running yet: its port refuses connections until a test starts it."""
    with running_smtp_server(SmtpServer()) as server:
        use_smtp(settings, server.port)
    return server


def use_smtp(settings: Settings, port: int) -> None:
    settings.EMAIL_BACKEND = "outbox.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = port
    settings.EMAIL_TIMEOUT = 2
    settings.DEFAULT_FROM_EMAIL = "Keep4o <no-reply@keep4o.example>"
