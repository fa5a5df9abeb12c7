"""Settings: one file for every environment; values come from the environment, with safe defaults for development.

Production is ``ENVIRONMENT=production``: then every value that matters must be given, and a missing or wrong
one refuses to start and is named.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import django_stubs_ext
import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from airbnb import postgres
from airbnb.logs import logging_config

django_stubs_ext.monkeypatch()  # lets Django's generic classes be subscripted, as type checkers want them

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# ---------------------------------------------------------------------------------------------- environment
ENVIRONMENT = env.str("ENVIRONMENT", "development")
if ENVIRONMENT not in {"development", "production"}:
    raise ImproperlyConfigured("ENVIRONMENT must be development or production")
PRODUCTION = ENVIRONMENT == "production"
LOCAL_STACK = env.bool("LOCAL_STACK", False)
DEBUG = env.bool("DEBUG", False)
TESTING = env.bool("TEST_SERVERS", False)
RATE_LIMITS = env.str("RATE_LIMITS", "on") != "off"
WEBHOOKS_ALLOW_LOOPBACK = env.bool("WEBHOOKS_ALLOW_LOOPBACK", False)
# Breaker and bulkhead around the payment gateways. Off only to measure, on the local stack, what they are good for.
GATEWAY_GUARDED = env.str("GATEWAY_BREAKER", "on") != "off"
# How long a call to a gateway may last in all, repetitions included, and how many threads of a process may be in one.
GATEWAY_DEADLINE_S = 4.0 if GATEWAY_GUARDED or TESTING else 30.0
GATEWAY_TICKETS = env.int("GATEWAY_TICKETS", max(1, env.int("WEB_THREADS", 8) // 2))
# How many proxies of ours stand in front: only they are believed when they tell a caller's address.
PROXIES = env.int("PROXIES", 0)
DATA_DIR = Path(env.str("DATA_DIR", str(BASE_DIR / ".data")))
DEFAULT_STRIPE_KEY = "sk_test_local_sandbox"
SHORTEST_SECRET = 24  # of an address that proves where a message is from

SECRET_KEY = env.str("SECRET_KEY", "" if PRODUCTION else "development-only-key-that-protects-nothing-0123456789")
BASE_URL = env.str("BASE_URL", "" if PRODUCTION else f"http://127.0.0.1:{env.int('PORT', 8000)}").rstrip("/")
STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", "" if PRODUCTION else DEFAULT_STRIPE_KEY)
SANDBOX_URL = env.str("PAYMENT_SANDBOX_URL", "")
STRIPE_API_BASE = env.str("STRIPE_API_BASE", SANDBOX_URL)
STRIPE_WEBHOOK_SECRETS = env.list("STRIPE_WEBHOOK_SECRET", default=[] if PRODUCTION else ["whsec_local_sandbox"])
TOSS_SECRET_KEY = env.str("TOSS_SECRET_KEY", "")
TOSS_API_BASE = env.str("TOSS_API_BASE", f"{SANDBOX_URL}/toss" if SANDBOX_URL else "")
TOSS_WEBHOOK_SECRETS = env.list("TOSS_WEBHOOK_SECRET", default=[])
# Which gateway takes which currency, e.g. KRW=toss; Stripe takes what is not named. Operators may choose another.
GATEWAY_BY_CURRENCY = env.dict("GATEWAY_BY_CURRENCY", default={})
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=[] if PRODUCTION else ["127.0.0.1", "localhost", "[::1]", "testserver"]
)


def _wrong_gateways() -> list[str]:
    """What is wrong with the choice of gateways, by name; in every environment."""
    wrong = []
    for currency, name in GATEWAY_BY_CURRENCY.items():
        if name not in ("stripe", "toss"):
            wrong.append(f"GATEWAY_BY_CURRENCY names the gateway {name!r}, which does not exist")
        elif name == "toss" and currency != "KRW":
            wrong.append(f"GATEWAY_BY_CURRENCY gives {currency} to toss, which takes KRW alone")
        elif name == "toss" and not TOSS_SECRET_KEY:
            wrong.append("GATEWAY_BY_CURRENCY names toss, but TOSS_SECRET_KEY is missing")
    for name, base, key, live in (
        ("STRIPE", STRIPE_API_BASE, STRIPE_SECRET_KEY, ("sk_live_", "rk_live_")),
        ("TOSS", TOSS_API_BASE, TOSS_SECRET_KEY, ("live_sk_", "live_gsk_")),
    ):
        if base and key.startswith(live):
            wrong.append(f"{name}_SECRET_KEY is a live key, but {name}_API_BASE points somewhere else")
    return wrong


def _refuse_unsafe_production() -> None:
    """Raise with every missing or wrong value at once, by name."""
    required = (
        "SECRET_KEY",
        "DATABASE_URL",
        "REDIS_URL",
        "BASE_URL",
        "ALLOWED_HOSTS",
        "STRIPE_SECRET_KEY",
        "STRIPE_WEBHOOK_SECRET",
        "EMAIL_URL",
    )
    wrong = [f"{name} is missing" for name in required if not env.str(name, "")] + _wrong_gateways()
    if SECRET_KEY and len(SECRET_KEY) < 50:
        wrong.append("SECRET_KEY must have at least 50 characters")
    if BASE_URL and not BASE_URL.startswith("https://"):
        wrong.append("BASE_URL must begin with https://")
    if STRIPE_API_BASE or TOSS_API_BASE:
        wrong.append("STRIPE_API_BASE, TOSS_API_BASE and PAYMENT_SANDBOX_URL must not be set: no real money there")
    if TOSS_SECRET_KEY and min((len(secret) for secret in TOSS_WEBHOOK_SECRETS), default=0) < SHORTEST_SECRET:
        wrong.append(f"TOSS_WEBHOOK_SECRET must have at least {SHORTEST_SECRET} characters")
    for name, unsafe in (
        ("DEBUG", DEBUG),
        ("LOCAL_STACK", LOCAL_STACK),
        ("RATE_LIMITS", not RATE_LIMITS),
        ("GATEWAY_BREAKER", not GATEWAY_GUARDED),
        ("WEBHOOKS_ALLOW_LOOPBACK", WEBHOOKS_ALLOW_LOOPBACK),
    ):
        if unsafe:
            wrong.append(f"{name} has a value that is refused in production")
    if wrong:
        raise ImproperlyConfigured("cannot start in production: " + "; ".join(wrong))


if PRODUCTION:
    _refuse_unsafe_production()
if _wrong_gateways():
    raise ImproperlyConfigured("; ".join(_wrong_gateways()))

# --------------------------------------------------------------------------------------------- applications
INSTALLED_APPS = [
    "airbnb.apps.ProjectConfig",
    "airbnb.accounts",
    "airbnb.events",
    "airbnb.invariants",
    "rooms",
    "payments",
    "reservations",
    "reviews",
    "notifications",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "csp",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
]
MIDDLEWARE = [
    "airbnb.live.LiveMiddleware",  # first: it answers most often, and needs nothing of the others
    "airbnb.correlation.CorrelationMiddleware",
    "airbnb.middleware.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "airbnb.middleware.AccountLanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "airbnb.middleware.PageMiddleware",
    "airbnb.middleware.PlainAddressMiddleware",
]
ROOT_URLCONF = "airbnb.urls"
WSGI_APPLICATION = "airbnb.wsgi.application"
TAGS = {name: f"airbnb.templatetags.{name}" for name in ("money", "dates", "icons", "texts", "fields")}
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": [*TAGS.values(), "django.templatetags.i18n", "django.templatetags.static"],
            "libraries": TAGS,
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "airbnb.context.page",
            ],
        },
    }
]

# -------------------------------------------------------------------------------------------------- storage
DATABASES = {"default": env.db_url("DATABASE_URL", "postgres://binbang@127.0.0.1:5432/binbang")}
DATABASES["default"] |= postgres.limits(
    statement_ms=env.int("STATEMENT_TIMEOUT_MS", 0 if TESTING else 30_000),
    idle_ms=0 if TESTING else 30_000,
    pool=0 if TESTING else env.int("DB_POOL_MAX", 8),
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.str("REDIS_URL", "redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "airbnb.cache.ForgivingRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "binbang",
        "OPTIONS": {"socket_timeout": 0.5, "socket_connect_timeout": 0.3, "max_connections": 50},
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", str(DATA_DIR / "media")))
MEDIA_URL = "/media/"
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", str(DATA_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "airbnb" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = DEBUG
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# --------------------------------------------------------------------------------------------------- people
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = (
    ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if TESTING
    else [
        "django.contrib.auth.hashers.Argon2PasswordHasher",
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    ]
)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ALLAUTH_TRUSTED_PROXY_COUNT = PROXIES
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "airbnb.accounts.forms.SignUpForm"
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_USER_DISPLAY = "airbnb.accounts.forms.shown_name"
ACCOUNT_ADAPTER = "airbnb.accounts.adapter.AccountAdapter"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = urlsplit(BASE_URL).scheme or "http"
if not RATE_LIMITS:
    ACCOUNT_RATE_LIMITS = False

# ------------------------------------------------------------------------------------------------- language
LANGUAGE_CODE = "ko"
LANGUAGES = [("ko", _("Korean")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_SAMESITE = "Lax"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Seoul"

# ------------------------------------------------------------------------------------------------- security
SECURE_COOKIES = BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE_COOKIES
SESSION_COOKIE_NAME = "__Host-session" if SECURE_COOKIES else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE_COOKIES else "csrftoken"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [BASE_URL] if PRODUCTION else []
CSRF_FAILURE_VIEW = "airbnb.pages.csrf_failure"
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXIES else None
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# A form that pays may be answered with a redirect to the gateway's own page (bank's confirmation).
TOSS_WINDOWS = ["https://*.tosspayments.com", "https://*.toss.im"]
GATEWAY_ORIGINS = [STRIPE_API_BASE] if STRIPE_API_BASE else ["https://hooks.stripe.com"]
if TOSS_SECRET_KEY:
    GATEWAY_ORIGINS += [TOSS_API_BASE.removesuffix("/toss")] if TOSS_API_BASE else TOSS_WINDOWS
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        # The one style block is that of 500.html and 503.html, which stand alone (components/alone_style.html).
        "style-src": [SELF, "'sha256-dMxUxaWqXCCXWFtY15AQrlDHuKTStHSgxxyW4INJ3xM='"],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF, *GATEWAY_ORIGINS],
    }
}

# ------------------------------------------------------------------------------------------ mail, messenger
vars().update(env.email_url("EMAIL_URL", default="filemail://"))
EMAIL_FILE_PATH = env.str("EMAIL_FILE_PATH", str(DATA_DIR / "mail"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "빈방 Binbang <no-reply@binbang.example>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Without a provider there is no KakaoTalk in production: a file that nobody reads tells nobody anything.
MESSENGER_ADAPTER = env.str("MESSENGER_ADAPTER", "" if PRODUCTION else "notifications.channels.kakaotalk.FileAdapter")
MESSENGER_FILE_PATH = env.str("MESSENGER_FILE_PATH", str(DATA_DIR / "messenger.jsonl"))

# ------------------------------------------------------------------------------------------------ the house
BINBANG = {
    "HOLD_MINUTES": 15,
    "HOLD_EXTENSION_MINUTES": 10,
    "MAX_OPEN_HOLDS": 3,
    "QUOTE_MINUTES": 15,
    "PREVIEW_MINUTES": 10,
    "ALTERATION_HOURS": 24,
    "ALTERATION_PAY_HOURS": 12,
    "GUEST_FEE_BP": 500,
    "HOST_FEE_BP": 300,
    "REVIEW_DAYS": 14,
    "REPLY_DAYS": 30,
    "BOOKING_WINDOW_DAYS": 365,
    "REQUIRE_PHOTOS": env.bool("REQUIRE_PHOTOS", False),
    # The page of a room shows what a cancellation would bring; who works that out is named here, not imported there.
    "REFUND_STEPS": "reservations.terms.before_booking",
    # Figures that contexts add to /metrics.
    "COLLECTORS": ["payments.metrics.GatewayCollector"],
}

# ------------------------------------------------------------------------------------------------------ API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "airbnb.rest.BearerAuthentication",
        "airbnb.rest.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["airbnb.rest.Denied"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_THROTTLE_CLASSES": ["airbnb.rest.ApiThrottle"] if RATE_LIMITS else [],
    "DEFAULT_THROTTLE_RATES": {"api": "300/min"},
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "airbnb.rest.exception_handler",
    "NUM_PROXIES": PROXIES,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Binbang API",
    "DESCRIPTION": "Find, reserve, pay for, cancel and review short stays; let rooms.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api/v1/",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "DISABLE_ERRORS_AND_WARNINGS": False,
    "ENUM_NAME_OVERRIDES": {
        "ReservationStatus": [
            "held",
            "paying",
            "requested",
            "confirmed",
            "in_stay",
            "completed",
            "expired",
            "declined",
            "cancelled",
        ],
        "PaymentStatus": "payments.states.PaymentStatus.values",
        "RefundStatus": "payments.states.RefundStatus.values",
        "PayoutStatus": "payments.states.PayoutStatus.values",
        "AlterationStatus": "reservations.models.alteration.ALTERATION_STATUSES",
        "RoomStatus": ["draft", "listed", "paused", "archived"],
        "ChosenRoomStatus": ["draft", "listed", "paused"],
        "MessageStatus": ["pending", "sent", "failed", "parked"],
        "ReviewStatus": ["blind", "published", "hidden"],
    },
}

# -------------------------------------------------------------------------------------------------- logging
LOG_LEVEL = env.str("LOG_LEVEL", "INFO")
LOGGING = logging_config(LOG_LEVEL, json=env.str("LOG_FORMAT", "json") == "json")
SILENCED_SYSTEM_CHECKS: list[str] = []
