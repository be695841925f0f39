"""The site without its cache of whole pages: every question is answered anew, by the whole of Django."""

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
