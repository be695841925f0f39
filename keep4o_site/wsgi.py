"""The WSGI entry that the web server loads: Django behind the site's own cache of public pages."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "keep4o_site.settings")

_django = get_wsgi_application()  # sets Django up, which the cache's settings need

from keep4o_site.page_cache import site_behind_its_cache  # noqa: E402

application = site_behind_its_cache(_django)

# What is loaded stays as long as the process: the collector need not go through all of it in the middle of an answer.
gc.collect()
gc.freeze()
