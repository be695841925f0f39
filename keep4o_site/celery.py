"""The Celery application and its clock. Tasks find owed work in the database; nothing else ever enqueues."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "keep4o_site.settings")

app = Celery("keep4o")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
