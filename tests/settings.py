"""Settings of the tests: keys of their own, no file outside a temporary folder, weak and quick passwords."""

import base64
import os
import tempfile

os.environ.setdefault("FANGPIN_VAR", tempfile.mkdtemp(prefix="fangpin-test-"))
# Tests that run beside each other must not see each other's files come and go.
os.environ["FANGPIN_VAR"] = os.path.join(os.environ["FANGPIN_VAR"], os.environ.get("PYTEST_XDIST_WORKER", ""))
os.makedirs(os.environ["FANGPIN_VAR"], exist_ok=True)
os.environ["FANGPIN_ENV"] = "local"
os.environ["FANGPIN_SECRET_KEY"] = "only-for-tests-" + "x" * 40
os.environ["FANGPIN_FIELD_KEYS"] = "1:" + base64.b64encode(b"k" * 32).decode()
os.environ["FANGPIN_INDEX_KEY"] = base64.b64encode(b"i" * 32).decode()
# Nothing in this process talks to a broker; the workers that tests start get it back.
REDIS_FOR_WORKERS = os.environ.pop("REDIS_URL", "")

from fangpin.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
# A static file is looked for when asked; else each client of a test lists them all before its first page.
WHITENOISE_AUTOREFRESH = True
