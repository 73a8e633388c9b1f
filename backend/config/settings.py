"""Django settings, all from the environment (`core/env.py`): the same code runs in every mode."""

from core import database, env
from integrations.mqtt import environment as mqtt

# --- Mode ---------------------------------------------------------------------------------------

MODE = env.choice("MODE", ("development", "production"), default="development")
PRODUCTION = MODE == "production"
DEBUG = not PRODUCTION

APP_VERSION = env.text("APP_VERSION", "dev")
APP_REVISION = env.text("APP_REVISION", "unknown")

SECRET_KEY = env.secret(
    "SECRET_KEY",
    "django-insecure-development-only",
    production=PRODUCTION,
    shortest=50,
    known={"changeme", "secret"},
)

# One or several, separated by white space: the first is for new PINs, the others are former ones.
PIN_PEPPERS = env.secret(
    "PIN_PEPPER",
    "insecure-pepper-for-development-only",
    production=PRODUCTION,
    shortest=32,
    known={"changeme", "secret"},
).split()
if any(len(pepper) < 32 for pepper in PIN_PEPPERS):
    env.refuse("PIN_PEPPER has a line that is shorter than 32 characters: correct it.")

# --- The alarm ----------------------------------------------------------------------------------

ALARM_EXIT_DELAY = env.integer("ALARM_EXIT_DELAY", 30, smallest=0, largest=3600)  # seconds
ALARM_ENTRY_DELAY = env.integer("ALARM_ENTRY_DELAY", 30, smallest=0, largest=3600)  # seconds
ALARM_SIREN_DURATION = env.integer(
    "ALARM_SIREN_DURATION", 300, smallest=1, largest=86400
)  # seconds
# Of notifications: of persons who have chosen none, and of channels without a person.
LANGUAGES_OF_PEOPLE = ("en", "de", "fr", "es")
ALARM_LANGUAGE = env.choice("ALARM_LANGUAGE", LANGUAGES_OF_PEOPLE, default="en")
ALARM_RETENTION_DAYS = env.integer("ALARM_RETENTION_DAYS", 365, smallest=1, largest=3650)

# --- Apps and requests --------------------------------------------------------------------------

INSTALLED_APPS = [
    # First: its `runserver` serves ASGI, with reload. It loads all of the server in every process.
    *(["daphne"] if DEBUG else []),
    "channels",
    "django.contrib.contenttypes",  # auth's models need it
    "django.contrib.auth",
    "rest_framework",
    "people",
    "alarm",
    "outputs",
    "integrations",
    "notifications",
    "config",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
MIDDLEWARE = [
    "core.metrics.MetricsMiddleware",  # first, so that it counts what all others answer
    "core.request_id.RequestIdMiddleware",
    "core.api.ApiMiddleware",  # so far out that it also sees the errors of those below
    "core.hosts.HostMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",  # sends the cookie; BrowserSession asks for it
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024  # bytes; every request of this API is tiny

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    # JSON only: a page elsewhere cannot send it without a CORS preflight, which nothing answers.
    "DEFAULT_PARSER_CLASSES": ["core.negotiation.BoundedJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "core.negotiation.SingleFormat",
    "DEFAULT_AUTHENTICATION_CLASSES": ["people.authentication.BrowserSession"],
    "DEFAULT_PERMISSION_CLASSES": ["people.permissions.IsPerson"],
    "DEFAULT_SCHEMA_CLASS": "config.openapi.Schema",
    "EXCEPTION_HANDLER": "core.api.exception_handler",
    "URL_FORMAT_OVERRIDE": None,
}

SPECTACULAR_SETTINGS = {
    "OAS_VERSION": "3.1.1",
    "TITLE": "Alarm panel",
    "DESCRIPTION": "What the panel's page uses, and what sensors and other programs may use.",
    "VERSION": APP_VERSION,
    "SCHEMA_PATH_PREFIX": "/api/",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,  # each would say its own name
    "POSTPROCESSING_HOOKS": ["config.openapi.complete"],
}

# --- People and sessions ------------------------------------------------------------------------

SETUP_NEEDS_TOKEN = PRODUCTION
AUTH_USER_MODEL = "people.Person"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
_PASSWORDS = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_PASSWORDS}.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {
        "NAME": f"{_PASSWORDS}.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["username", "name"]},
    },
    {"NAME": f"{_PASSWORDS}.CommonPasswordValidator"},
    {"NAME": f"{_PASSWORDS}.NumericPasswordValidator"},
]

SESSION_ENGINE = "people.session_store"
# Days after the last use, by role; a kiosk is a panel on a wall.
SESSION_DAYS = {
    "admin": env.integer("ALARM_ADMIN_SESSION_DAYS", 7, smallest=1, largest=365),
    "resident": env.integer("ALARM_RESIDENT_SESSION_DAYS", 30, smallest=1, largest=365),
    "kiosk": env.integer("ALARM_KIOSK_SESSION_DAYS", 90, smallest=1, largest=365),
}
SESSION_COOKIE_AGE = max(SESSION_DAYS.values()) * 24 * 3600  # seconds
SESSION_COOKIE_HTTPONLY = True
# Browsers keep cookies by host, without the port: each stack on a host needs names of its own.
# `__Host-` lets no other host of the domain set them, and is for HTTPS only.
ALARM_HTTPS = env.flag("ALARM_HTTPS") or False
# In a frame of another site, browsers send cookies only with "None", which needs HTTPS.
IS_FRAMED = ALARM_HTTPS and bool(env.text("ALARM_FRAME_ANCESTORS", ""))
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "None" if IS_FRAMED else "Lax"
COOKIE_PREFIX = ("__Host-" if ALARM_HTTPS else "") + env.text("PROJECT_NAME", "alarm")
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}-session"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}-csrf"

# --- Hosts and HTTPS ----------------------------------------------------------------------------

# Any IP address, the names of home networks, and those that are configured (`core/hosts.py`).
# Django's own list cannot say "any IP address", so it accepts everything; HostMiddleware decides.
HOME_NAMES = ("localhost", ".localhost", ".local", ".lan", ".home.arpa", ".internal")
ALARM_HOSTS = (*HOME_NAMES, *env.hosts("ALARM_HOSTS"))
ALLOWED_HOSTS = ["*"]

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ALARM_HTTPS
# Trusted only behind a reverse proxy that sets it: any client can send it.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ALARM_HTTPS else None
X_FRAME_OPTIONS = "DENY"

SILENCED_SYSTEM_CHECKS = [
    "security.W002",  # framing: answers are JSON, and ApiMiddleware sends X-Frame-Options itself
    "security.W004",  # HSTS: Nginx sends it, with ALARM_HSTS_SECONDS
    "security.W008",  # redirect to HTTPS: the proxy's task; health checks inside are plain HTTP
]
if not ALARM_HTTPS:
    # Secure cookies: a LAN without TLS has no TLS to send them over.
    SILENCED_SYSTEM_CHECKS += ["security.W011", "security.W016"]

# --- Database -----------------------------------------------------------------------------------

DATABASE = database.from_environment(production=PRODUCTION)
# The programs that serve have a role of their own, which cannot change history: alarm/grants.py.
# What prepares the database at a start, and `manage.py`, are its owner.
_SERVES = env.flag("APP_SERVES")
_ENTRY = database.for_django(DATABASE.serving() if _SERVES else DATABASE.owning())
# A number that only this installation gives to its sessions in the database.
INSTALLATION = database.installation(PIN_PEPPERS[-1])
PLACE = database.place(env.text("INSTALLATION_PLACE", ""))

DATABASES = {
    "default": {
        **_ENTRY,
        "ENGINE": "django.db.backends.postgresql",
        # Under ASGI each request has a thread of its own, so CONN_MAX_AGE would leave one open
        # connection behind per request (Django ticket 33497). A pool keeps them open instead,
        # checked before use, and bounds their number per process.
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        # A cursor of the server belongs to a session, and a pooler gives that to others.
        "DISABLE_SERVER_SIDE_CURSORS": bool(_SERVES and DATABASE.has_pooler),
        "OPTIONS": {
            **_ENTRY["OPTIONS"],
            "pool": {
                "name": "database",
                "min_size": 0,
                "max_size": 10,
                "timeout": 2,  # seconds; a request without a connection by then answers 503
                # Seconds until a failing attempt is given up, so that the next request starts a
                # fresh one. The default doubles the pause up to minutes after a long outage.
                "reconnect_timeout": 2,
            },
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"

# --- Broadcast ----------------------------------------------------------------------------------

CHANNEL_LAYERS = {"default": {"BACKEND": "broadcast.postgres.PostgresChannelLayer"}}

# --- MQTT ---------------------------------------------------------------------------------------

MQTT_OVERRIDES = mqtt.overrides()  # of what an admin sets
MQTT_CA = mqtt.authority()
# The password of the stack's own broker; compose/ gives it to both.
MQTT_BROKER_PASSWORD = env.text("MQTT_BROKER_PASSWORD", "")

# --- Notifications ------------------------------------------------------------------------------

# The push services of Chrome, Firefox, Safari and Edge; a dot in front stands for all names below.
# Each person can have the panel connect to an address there, so it connects to no other host.
PUSH_SERVICES = (
    *("fcm.googleapis.com", "updates.push.services.mozilla.com", ".push.apple.com"),
    ".notify.windows.com",
)

# --- Logging ------------------------------------------------------------------------------------

LOG_LEVEL = env.choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), default="INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "once_per_minute": {"()": "core.logs.OncePerMinute"},
        "exceptions_only": {"()": "core.logs.ExceptionsOnly"},
        "without_probes": {"()": "core.logs.WithoutProbes"},
        "request_id": {"()": "core.request_id.RequestIdFilter"},
    },
    "formatters": {"line": {"()": "core.logs.LineFormatter"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["request_id"],
        },
        "nowhere": {"class": "logging.NullHandler"},
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "level": LOG_LEVEL, "propagate": True},
        # These narrate every connection, event-loop or file event at INFO.
        "asyncio": {"level": "WARNING"},
        "daphne": {"level": "WARNING"},
        # What they narrate holds secrets: tokens in paths, passwords in URLs. The outbox tells why
        # an attempt failed. notifications/services.py reads the records of Apprise, so they exist.
        "apprise": {"handlers": ["nowhere"], "level": "WARNING", "propagate": False},
        "urllib3": {"handlers": ["nowhere"], "level": "CRITICAL", "propagate": False},
        "requests_oauthlib": {"handlers": ["nowhere"], "level": "CRITICAL", "propagate": False},
        "oauthlib": {"handlers": ["nowhere"], "level": "CRITICAL", "propagate": False},
        "psycopg.pool": {"level": "WARNING", "filters": ["once_per_minute"]},
        "django.request": {"filters": ["exceptions_only"]},
        "django.channels.server": {
            "handlers": [],
            "level": LOG_LEVEL,
            "propagate": True,
            "filters": ["without_probes"],
        },
    },
}
