"""The project's settings, with the peer beside it."""

from fangpin.settings import *  # noqa: F403
from fangpin.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "import_export", "bench"]
