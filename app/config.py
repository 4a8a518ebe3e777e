"""Every setting, from the environment, in one class."""

import os
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DEMO_PASSWORD = "bewezen-in-twente"  # of every sign-in of the demonstration, and of nothing else

DEMO_PASSPHRASE = "DEM0-DEM0-DEM0-DEM0-DEMY"  # of every official and consortium of the demonstration


class MissingSetting(RuntimeError):
    """The portal refuses to start rather than run without what keeps it safe."""


class Config:
    """`DEMO=1` makes a portal for looking: embedded database, known passwords, mail caught, loopback only."""

    def __init__(self, environ: dict[str, str] | None = None) -> None:
        env = dict(os.environ) if environ is None else environ
        self.DEMO = env.get("DEMO") == "1"
        self.DEMO_PASSWORD = DEMO_PASSWORD if self.DEMO else ""
        self.DEMO_PASSPHRASE = DEMO_PASSPHRASE if self.DEMO else ""
        self.INSTANCE = Path(env.get("INSTANCE", ROOT / "instance"))
        self.SQLALCHEMY_DATABASE_URI = self._database(env)
        # Encrypted documents of evidence. No web server serves this; portals on several machines share it.
        self.EVIDENCE_DIR = Path(env.get("EVIDENCE_DIR", self.INSTANCE / "evidence"))
        # The seal under statements: a private key and its certificate (PEM), outside database and repository.
        self.SEAL_KEY_FILE = Path(env.get("SEAL_KEY_FILE", self.INSTANCE / "seal-key.pem"))
        self.SEAL_CERTIFICATE = Path(env.get("SEAL_CERTIFICATE", self.INSTANCE / "seal-certificate.pem"))
        self.CLAMAV_URL = env.get("CLAMAV_URL", "")
        self.SECRET_KEY = self._secret(env, "SECRET_KEY")
        # Wraps the keys of drafts and of kept forms; outside the database, and not the signing key. What was handed in
        # it does not open.
        self.SEALING_KEY = env.get("SEALING_KEY") or self.SECRET_KEY
        # What one try of a passphrase costs: memory in KiB, rounds, lanes of Argon2id (RFC 9106, section 4, second
        # choice). Kept with every lock, so that it may be raised. Tests take the least there is.
        self.PASSPHRASE_COST = (64 * 1024, 3, 4)
        self.SECURITY_PASSWORD_SALT = env.get("PASSWORD_SALT") or self.SECRET_KEY
        self.PORT = int(env.get("PORT", "8000"))
        self.BASE_URL = env.get("BASE_URL", f"http://127.0.0.1:{self.PORT}").rstrip("/")
        self.MAIL_URL = env.get("MAIL_URL", "")
        self.MAIL_FROM = env.get("MAIL_FROM", "Bewezen <portal@bewezen.example>")
        self.HTMX_URL = env.get("HTMX_URL", "https://cdn.jsdelivr.net/npm/htmx.org@2.0.10/dist/htmx.min.js")
        self.HTMX_INTEGRITY = "sha384-H5SrcfygHmAuTDZphMHqBJLc3FhssKjG7w/CeCpFReSfwBWDTKpkzPP8c+cLsK+V"
        self.LANGUAGES = {"en": "English", "nl": "Nederlands", "nl_BE": "Vlaams"}
        self.BABEL_DEFAULT_LOCALE = env.get("LANGUAGE", "nl")
        self.BABEL_DEFAULT_TIMEZONE = "Europe/Amsterdam"
        self.PERMANENT_SESSION_LIFETIME = timedelta(minutes=int(env.get("SESSION_MINUTES", "60")))
        self.SESSION_COOKIE_HTTPONLY = True
        self.SESSION_COOKIE_SAMESITE = "Lax"
        self.SESSION_COOKIE_SECURE = self.BASE_URL.startswith("https://")
        self.MAX_CONTENT_LENGTH = 12 * 1024 * 1024
        self.MAX_FORM_MEMORY_SIZE = 2 * 1024 * 1024
        self.WTF_CSRF_TIME_LIMIT = None  # as long as the session

    def _database(self, env: dict[str, str]) -> str:
        url = env.get("DATABASE_URL", "")
        if self.DEMO and url.startswith("postgres"):
            raise MissingSetting("DEMO=1 refuses PostgreSQL: a demonstration must not touch a real database")
        if url:
            return url.replace("postgres://", "postgresql://", 1)
        self.INSTANCE.mkdir(parents=True, exist_ok=True)
        return f"sqlite:///{self.INSTANCE / 'bewezen.sqlite'}"

    def _secret(self, env: dict[str, str], name: str) -> str:
        if env.get(name):
            return env[name]
        if not self.DEMO:
            raise MissingSetting(
                f"{name} is not set. Give the portal a long random value, for instance: "
                f'{name}=$(python3 -c "import secrets; print(secrets.token_urlsafe(48))")'
            )
        kept = self.INSTANCE / "demo-secret"
        self.INSTANCE.mkdir(parents=True, exist_ok=True)
        if not kept.exists():
            kept.write_text(secrets.token_urlsafe(48))
            kept.chmod(0o600)
        return kept.read_text()

    def as_dict(self) -> dict[str, Any]:
        return {key: value for key, value in vars(self).items() if key.isupper()}
