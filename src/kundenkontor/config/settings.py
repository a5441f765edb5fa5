"""The one settings file. Everything an operator may set comes from the environment (docs/operations/settings.md)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django import forms

from kundenkontor.config.database.address import database_from_url
from kundenkontor.kernel import limits

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


def _whole_number(name: str, text: str) -> int:
    """Raises ValueError, naming the setting."""
    if not text.isascii() or not text.isdigit():
        raise ValueError(f"{name} must be a whole number, not {text!r}")
    return int(text)


def _log_level() -> str:
    """Raises ValueError for a level that does not exist."""
    level = os.environ.get("LOG_LEVEL", "INFO")
    if level not in LOG_LEVELS:
        raise ValueError(f"LOG_LEVEL must be one of {', '.join(LOG_LEVELS)}, not {level!r}")
    return level


PACKAGE_DIR = Path(__file__).resolve().parent.parent
PROJECT_DIR = Path(os.environ.get("KUNDENKONTOR_HOME", Path.cwd()))
VAR_DIR = Path(os.environ.get("KUNDENKONTOR_VAR", PROJECT_DIR / "var")).absolute()

# "demo", "test" or "production"; production refuses weak settings (see config/checks.py)
MODE = os.environ.get("KUNDENKONTOR_MODE", "demo")
IS_PRODUCTION = MODE == "production"
DEBUG = os.environ.get("DEBUG", "") in ("1", "true", "yes")
DEFAULT_SECRET_KEY = "demo-only-not-secret-0000000000000000000000000000000000"  # nosec B105  # refused in production
SECRET_KEY = os.environ.get("SECRET_KEY", DEFAULT_SECRET_KEY)

# --- Where we are reached. Links in mails are made from BASE_URL, never from a Host header.
BASE_URL = os.environ.get("BASE_URL", f"http://localhost:{os.environ.get('PORT', '8000')}").rstrip("/")
_host = urlsplit(BASE_URL).hostname or "localhost"
_local_hosts = [] if IS_PRODUCTION else ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = [host for host in os.environ.get("ALLOWED_HOSTS", "").split(",") if host] or [_host, *_local_hosts]
CSRF_TRUSTED_ORIGINS = [BASE_URL]
USE_X_FORWARDED_HOST = False
BIND = os.environ.get("BIND", "127.0.0.1")
# Only behind a proxy that overwrites this header itself.
BEHIND_PROXY = os.environ.get("BEHIND_PROXY", "") in ("1", "true", "yes")
# Whose address counts tries at the sign-in: the proxy's last entry, never what a client wrote before it.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if BEHIND_PROXY else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None

INSTALLED_APPS = [
    "kundenkontor.config",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "pgtrigger",
    "pghistory",
    "procrastinate.contrib.django",
    "allauth",
    "allauth.account",
    "kundenkontor.events",
    "kundenkontor.once",
    "kundenkontor.documents",
    "kundenkontor.parties",
    "kundenkontor.messaging",
    "kundenkontor.access",
    "kundenkontor.ledger",
    "kundenkontor.receivables",
    "kundenkontor.taxes",
    "kundenkontor.catalog",
    "kundenkontor.contracts",
    "kundenkontor.papers",
    "kundenkontor.invoicing",
    "kundenkontor.delivery",
    "kundenkontor.payments",
    "kundenkontor.billing",
    "kundenkontor.imports",
    "kundenkontor.web",
    "kundenkontor.portal",
    "kundenkontor.office",
]

MIDDLEWARE = [
    "kundenkontor.config.middleware.SecurityHeadersMiddleware",
    "kundenkontor.config.middleware.HealthMiddleware",
    "kundenkontor.config.middleware.NulBytesMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "kundenkontor.web.gate.loads.BodyMiddleware",  # before whatever reads the form
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "kundenkontor.web.gate.middleware.IdleMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "kundenkontor.web.gate.loads.StreamsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "kundenkontor.web.gate.middleware.PreferencesMiddleware",
    "kundenkontor.web.gate.middleware.RefusalMiddleware",
    "kundenkontor.web.gate.typed.TypedMiddleware",
]
ROOT_URLCONF = "kundenkontor.config.urls"
WSGI_APPLICATION = "kundenkontor.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [*sorted(PACKAGE_DIR.glob("*/templates")), Path(forms.__file__).parent / "jinja2"],
        "OPTIONS": {
            "environment": "kundenkontor.web.templating.environment",
            "context_processors": ["kundenkontor.web.context.frame"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Database: the app role; migrations use DATABASE_OWNER_URL (see config/database/migrating.py)
WEB_THREADS = _whole_number("WEB_THREADS", os.environ.get("WEB_THREADS", "8"))
DATABASE_URL = os.environ.get("DATABASE_URL") or "postgresql:///kundenkontor"
DATABASE_OWNER_URL = os.environ.get("DATABASE_OWNER_URL") or DATABASE_URL
_pool_size = _whole_number("DATABASE_POOL", os.environ.get("DATABASE_POOL", "0"))
_statement_seconds = _whole_number("DATABASE_STATEMENT_SECONDS", os.environ.get("DATABASE_STATEMENT_SECONDS", "60"))
DATABASES = {
    "default": database_from_url(DATABASE_URL, statement_seconds=_statement_seconds, pool_size=_pool_size),
}
PORTAL_ROLE = "kundenkontor_portal"
PGTRIGGER_MIGRATIONS = False  # triggers are built from the models after the migrations (access/walls.py)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# It holds the counts of tries; none may fall out before its time, so the worker empties it (web/jobs.py).
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 1_000_000},
    }
}

# --- Jobs
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
REACTIONS = "kundenkontor.reactions"  # what follows from events; record_events knows it by this path only
PROCRASTINATE_IMPORT_PATHS = [REACTIONS, "kundenkontor.jobs.upkeep"]

# --- Sign-in
AUTH_USER_MODEL = "access.User"
AUTHENTICATION_BACKENDS = ["kundenkontor.access.passwords.LoginBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "kundenkontor.web.sign_in.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = "username"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PRESERVE_USERNAME_CASING = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER: bool | None = None  # the sign-in form asks
ACCOUNT_RATE_LIMITS = limits.SIGN_IN_RATES
PASSWORD_HASHERS = ["kundenkontor.access.passwords.BoundedArgon2"]
_validation = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": f"{_validation}.UserAttributeSimilarityValidator", "OPTIONS": {"user_attributes": ("username", "email")}},
    {"NAME": f"{_validation}.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": f"{_validation}.CommonPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 24 * 3600
# allauth's own keeps every address a login ever had, with each link that is looked at; they would go on signing in.
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "kundenkontor.access.links.ResetTokens"  # nosec B105

# --- Cookies and headers; "__Host-" binds a cookie to this host and needs https
SESSION_COOKIE_NAME = "__Host-session" if IS_PRODUCTION else "kk_session"
SESSION_COOKIE_SECURE = IS_PRODUCTION
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 3600
KNOWN_BROWSER_COOKIE_NAME = "__Host-known" if IS_PRODUCTION else "kk_known"
CSRF_COOKIE_NAME = "__Host-csrf" if IS_PRODUCTION else "kk_csrf"
CSRF_COOKIE_SECURE = IS_PRODUCTION
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "kundenkontor.web.pages.csrf_failure"
LANGUAGE_COOKIE_NAME = "kk_language"
LANGUAGE_COOKIE_SECURE = IS_PRODUCTION
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = IS_PRODUCTION
SECURE_SSL_HOST = urlsplit(BASE_URL).netloc or None
SECURE_REDIRECT_EXEMPT = [r"^health/$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if IS_PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = False  # the provider's other hosts are not ours to decide about
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
DATA_UPLOAD_MAX_MEMORY_SIZE = limits.BODY_BYTES
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SILENCED_SYSTEM_CHECKS = ["auth.E003", "auth.W004"]  # names are unique without regard to case, by constraint

# --- Files, texts, time
STATIC_URL = "static/"
STATIC_ROOT = Path(os.environ.get("STATIC_ROOT", VAR_DIR / "static"))
STORED_FILES_DIR = VAR_DIR / "files"
SEAL_KEYS = os.environ.get("SEAL_KEYS", "")  # "": beside the other secrets of the data folder (events/keys.py)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
LANGUAGE_CODE = "de"
LANGUAGES = [("de", "Deutsch"), ("en", "English")]
LOCALE_PATHS = [PACKAGE_DIR / "locale"]
TIME_ZONE = "Europe/Vienna"
USE_TZ = True

# --- VAT ids: "vies" asks the Commission's service, "fake" answers by check digits alone
VAT_ID_CHECKER = os.environ.get("VAT_ID_CHECKER", "vies" if IS_PRODUCTION else "fake")

# --- Mail: without SMTP_URL it stays in the built-in mailbox that the office shows (demo)
SMTP_URL = os.environ.get("SMTP_URL", "")
DEFAULT_FROM_EMAIL = os.environ.get("MAIL_FROM", f"Kundenkontor <noreply@{_host}>")

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "secrets": {"()": "kundenkontor.config.logs.SecretsFilter"},
        "peers": {"()": "kundenkontor.config.logs.PeersFilter"},
    },
    "formatters": {"line": {"()": "kundenkontor.config.logs.OneLineFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["secrets", "peers"]}},
    "root": {"handlers": ["stderr"], "level": _log_level()},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
        "procrastinate": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
        "pikepdf": {"level": "WARNING"},
    },
}
