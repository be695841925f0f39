"""Django's PostgreSQL backend with one habit more: settings.DATABASES names this package as its ENGINE."""
