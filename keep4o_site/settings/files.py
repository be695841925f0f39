"""Static files, and where the files lie that a team asked for."""

from pathlib import Path

from keep4o_site.env import read_json_object, read_text
from keep4o_site.settings.site import BASE_DIR, DEVELOPMENT, VAR_DIR

STATIC_URL = "/static/"
STATIC_ROOT = Path(read_text("STATIC_ROOT", str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
_STATIC_STORAGE = (
    "django.contrib.staticfiles.storage.StaticFilesStorage"
    if DEVELOPMENT
    else "whitenoise.storage.CompressedManifestStaticFilesStorage"
)
WHITENOISE_USE_FINDERS = DEVELOPMENT
WHITENOISE_AUTOREFRESH = DEVELOPMENT

# Several machines need one that all of them reach: any of django-storages', with its options as a JSON object.
_LOCAL_EXPORTS = {"location": str(VAR_DIR / "exports"), "file_permissions_mode": 0o600}
_EXPORT_STORAGE = read_text("EXPORT_STORAGE", "")
_EXPORT_OPTIONS = read_json_object("EXPORT_STORAGE_OPTIONS") if _EXPORT_STORAGE else _LOCAL_EXPORTS
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _STATIC_STORAGE},
    "exports": {
        "BACKEND": _EXPORT_STORAGE or "django.core.files.storage.FileSystemStorage",
        "OPTIONS": _EXPORT_OPTIONS,
    },
}
