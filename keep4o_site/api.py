"""The public API: one OpenAPI document, its parts written by the apps that own the data."""

from ninja import NinjaAPI

from petitions.api import router as counts
from petitions.history_api import router as history

api = NinjaAPI(title="Keep4o", version="1", urls_namespace="api")
api.add_router("", counts)
api.add_router("", history)
