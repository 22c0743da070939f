"""Settings, all from the environment. FANGPIN_ENV=production accepts no default for anything secret."""

from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from csp.constants import NONE, SELF, UNSAFE_INLINE
from django.core.exceptions import ImproperlyConfigured

from fangpin import env

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.text("FANGPIN_VAR", str(BASE_DIR / "var")))

ENVIRONMENT = env.text("FANGPIN_ENV", "local")
if ENVIRONMENT not in ("local", "production"):
    raise ImproperlyConfigured(f"FANGPIN_ENV must be local or production, not {ENVIRONMENT!r}")
PRODUCTION = ENVIRONMENT == "production"
DEBUG = env.flag("FANGPIN_DEBUG")  # error pages with values, the debug toolbar
if DEBUG and PRODUCTION:
    raise ImproperlyConfigured("FANGPIN_DEBUG shows what pages hold; production can't have it")
DEBUG_TOOLBAR = DEBUG and find_spec("debug_toolbar") is not None

if PRODUCTION:
    SECRET_KEY = env.text("FANGPIN_SECRET_KEY")
    FIELD_KEYS = env.key_ring(env.text("FANGPIN_FIELD_KEYS"))
    INDEX_KEY = env.index_key(env.text("FANGPIN_INDEX_KEY"))
    ALLOWED_HOSTS = [*env.text("FANGPIN_HOSTS").split(","), "127.0.0.1"]  # the last for the health check
    DATABASE_URL = env.text("DATABASE_URL")
    env.refuse_well_known_password(DATABASE_URL)
    if "*" in ALLOWED_HOSTS:
        raise ImproperlyConfigured("FANGPIN_HOSTS must name the hosts; * stands for every name there is")
    if not DATABASE_URL.startswith(("postgres://", "postgresql://")):
        raise ImproperlyConfigured("production runs on PostgreSQL: set DATABASE_URL=postgres://…")
    BROKER_URL = env.text("REDIS_URL")
    if len(SECRET_KEY) < 40 or "change" in SECRET_KEY.lower():
        raise ImproperlyConfigured("FANGPIN_SECRET_KEY is too short or a placeholder")
else:
    _made = env.local_secrets(VAR_DIR / "local-secrets.json")
    SECRET_KEY = env.text("FANGPIN_SECRET_KEY", _made["FANGPIN_SECRET_KEY"])
    FIELD_KEYS = env.key_ring(env.text("FANGPIN_FIELD_KEYS", _made["FANGPIN_FIELD_KEYS"]))
    INDEX_KEY = env.index_key(env.text("FANGPIN_INDEX_KEY", _made["FANGPIN_INDEX_KEY"]))
    ALLOWED_HOSTS = env.text("FANGPIN_HOSTS", "127.0.0.1,localhost,[::1],testserver").split(",")
    DATABASE_URL = env.text("DATABASE_URL", f"sqlite:///{quote(str(VAR_DIR / 'fangpin.sqlite3'))}")
    BROKER_URL = env.text("REDIS_URL", "memory://")

DATABASES = {"default": env.database(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "django_fsm",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "fangpin.common",
    "fangpin.accounts",
    "fangpin.policy",
    "households",
    "screening",
    "measures",
    "funding",
    "handheld",
    "demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",  # its files need no number, and each byte counts on a phone
    "fangpin.common.logs.request_ids.RequestIdMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "fangpin.accounts.middleware.ActingMiddleware",
]

if DEBUG_TOOLBAR:
    INSTALLED_APPS.append("debug_toolbar")
    after_csp = MIDDLEWARE.index("csp.middleware.CSPMiddleware") + 1
    MIDDLEWARE.insert(after_csp, "debug_toolbar.middleware.DebugToolbarMiddleware")
    INTERNAL_IPS = ["127.0.0.1", "::1"]
    DEBUG_TOOLBAR_CONFIG = {"SHOW_COLLAPSED": True}  # open, it lies over the buttons on the right

ROOT_URLCONF = "fangpin.urls"
WSGI_APPLICATION = "fangpin.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "fangpin.accounts.context.shell",
            ],
            "builtins": ["fangpin.common.templatetags.ui"],
        },
    }
]

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["fangpin.accounts.codes.CodeBackend"]
ONE_TIME_CODE_DAYS = int(env.text("FANGPIN_CODE_DAYS", "7"))  # after that a code lets nobody in
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "fangpin.accounts.passwords.MinimumLength", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "accounts:login"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文")]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "fangpin.static_files.ModuleStaticFilesStorage"
        if PRODUCTION or env.flag("FANGPIN_MANIFEST")
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
if not PRODUCTION:
    STATIC_ROOT.mkdir(exist_ok=True)  # whitenoise wants the folder, finders serve the files
# Files that people hand in: outside the web root, encrypted, under random names.
PRIVATE_ROOT = VAR_DIR / "private"
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
UPLOAD_MAX_BYTES = 100 * 1024 * 1024

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_USE_SESSIONS = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if PRODUCTION:
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = env.flag("FANGPIN_SSL_REDIRECT", True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # Bootstrap draws its small glyphs as data: images
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

if DEBUG_TOOLBAR:
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["style-src"] = [
        SELF,
        UNSAFE_INLINE,
    ]  # it writes styles on its elements

CELERY_BROKER_URL = BROKER_URL
CELERY_TASK_ALWAYS_EAGER = env.flag("FANGPIN_EAGER")  # work is done within the page: no worker, no schedule
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = (
    # A broker that takes connections and says nothing would hold a page for ever.
    {"visibility_timeout": 1800, "socket_connect_timeout": 3, "socket_timeout": 3}
    if BROKER_URL.startswith("redis")
    else {"polling_interval": 0.1}
)
CELERY_TIMEZONE = TIME_ZONE
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SYNC_EVERY = 1  # its file tells from outside that it lives (docker-compose.yml)
CELERY_BEAT_SCHEDULE = {
    "open-due-rounds": {"task": "screening.open_due_rounds", "schedule": 3600.0},
    "propose-national-corrections": {"task": "screening.propose_national_corrections", "schedule": 3600.0},
    "drop-forgotten-files": {"task": "screening.drop_forgotten_files", "schedule": 3600.0},
    "drop-old-photo-pieces": {"task": "handheld.drop_old_pieces", "schedule": 86400.0},
    "drop-old-sheets": {"task": "measures.drop_old_sheets", "schedule": 3600.0},
    "remove-old-simulations": {"task": "screening.remove_old_simulations", "schedule": 86400.0},
    "sweep-due-rounds": {"task": "screening.sweep_due_rounds", "schedule": 30.0},
    "requeue-stale-jobs": {"task": "common.requeue_stale_jobs", "schedule": 30.0},
}
# The database is the queue of record; a run whose heartbeat is older than this may be taken over.
JOB_LEASE_SECONDS = int(env.text("FANGPIN_JOB_LEASE", "60"))
# After a list was delivered: the sweep waits for further ones until nothing has come for so long.
SWEEP_QUIET_SECONDS = int(env.text("FANGPIN_SWEEP_QUIET", "180"))

# Tokens alone; a browser's session opens nothing but the documentation (fangpin/api.py).
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["fangpin.accounts.api_auth.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["fangpin.accounts.api_auth.TokenMay"],
    "DEFAULT_THROTTLE_CLASSES": ["fangpin.accounts.api_auth.TokenThrottle"],
    "DEFAULT_THROTTLE_RATES": {"token": env.text("FANGPIN_API_RATE", "600/min")},
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "fangpin.common.web.problems.handle",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "精准防贫接口",
    "DESCRIPTION": (
        "全国系统标注录入：按序取走，登记回执。错误一律为 application/problem+json，code 固定，"
        "detail 为中文。"
    ),
    "VERSION": "1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {
        "supportedSubmitMethods": [],
        "validatorUrl": None,
        "defaultModelsExpandDepth": 0,
    },
    "SERVE_PUBLIC": True,
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {"ItemKind": "screening.models.ItemKind"},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "request_id": {"()": "fangpin.common.logs.formats.WithRequestId"},
        "refusals": {"()": "fangpin.common.logs.formats.RefusalsWithoutTraceback"},
    },
    "formatters": {
        "line": {
            "()": "fangpin.common.logs.formats.LineFormatter",
            "format": "{asctime} {levelname} {request_id} {name} {message}",
            "style": "{",
        },
        "json": {"()": "fangpin.common.logs.formats.JsonFormatter"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "filters": ["request_id", "refusals"],
            "formatter": "json" if PRODUCTION else "line",
        }
    },
    # Django's own handlers would say the same again, without the number of the request.
    "loggers": {
        "django": {"handlers": [], "level": "INFO"},
        "django.server": {"handlers": ["console"], "level": "INFO", "propagate": False},
    },
    "root": {
        "handlers": ["console"],
        "level": env.text("FANGPIN_LOG_LEVEL", "INFO" if PRODUCTION else "WARNING"),
    },
}
