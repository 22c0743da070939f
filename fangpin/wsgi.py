import os

# A web server outside this machine is production: no default secrets, no SQLite.
os.environ.setdefault("FANGPIN_ENV", "production")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fangpin.settings")

from django.core.wsgi import get_wsgi_application  # noqa: E402

application = get_wsgi_application()
