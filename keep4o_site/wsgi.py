"""The WSGI entry that the web server loads: Django behind the site's own cache of public pages."""

import gc
import os

import django
from django.core.cache import close_caches
from django.core.handlers.base import reset_urlconf
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, reset_queries
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "keep4o_site.settings")

django.setup(set_prefix=False)  # what follows needs the settings

from keep4o_site.known_addresses import SiteHandler  # noqa: E402
from keep4o_site.page_cache import site_behind_its_cache  # noqa: E402

application = site_behind_its_cache(SiteHandler())

# With each request Django looks after what there is none of: statements noted for debugging, caches that hold a connection
# between requests, and addresses that only one request knows. Connections are looked at when a request ends.
request_started.disconnect(reset_queries)
request_started.disconnect(close_old_connections)
request_finished.disconnect(close_caches)
request_finished.disconnect(reset_urlconf)

# What is loaded stays as long as the process: the first visitor need not wait for all views to be imported, nor anybody
# for the collector to go through all of it in the middle of an answer.
get_resolver().url_patterns  # noqa: B018 # reading them imports them
gc.collect()
gc.freeze()
