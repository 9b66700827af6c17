"""Everything that differs between two installations of Cosell, read once from the environment.

`Settings` is the only reader of environment variables. Each field's description is published in docs/settings.md.
"""

from enum import StrEnum
from functools import lru_cache
from typing import Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DEVELOPMENT_SECRET = "development-only-secret-never-for-production"  # noqa: S105 - refused when ENV=production
EMBEDDED = "embedded"


class Env(StrEnum):
    """Where this process runs; production refuses everything made for development."""

    DEVELOPMENT = "development"
    TEST = "test"
    PRODUCTION = "production"


class SmsProvider(StrEnum):
    """Which SMS adapter sends; `recording` keeps messages in the development inbox."""

    RECORDING = "recording"
    TENCENT = "tencent"
    ALIYUN = "aliyun"


class RecognitionProvider(StrEnum):
    """Who reads the pictures of business licences; `none` leaves them to whoever fills in the form."""

    NONE = "none"
    TENCENT = "tencent"
    ALIYUN = "aliyun"


class EmailTransport(StrEnum):
    """How mail leaves; `recording` keeps messages in the development inbox."""

    RECORDING = "recording"
    SMTP = "smtp"


class SmtpSecurity(StrEnum):
    """Transport security towards the SMTP server."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


class SettlementMode(StrEnum):
    """Who makes micro-deposits: the vendor's finance, who enter what came of each, or the development inbox."""

    RECORDING = "recording"
    ENTERED = "entered"


class ExecutorName(StrEnum):
    """What executes operations: functions compiled from them, or graphql-core alone."""

    COMPILED = "compiled"
    CORE = "core"


class Settings(BaseSettings):
    """The typed settings. Durations are seconds and sizes bytes unless the name says otherwise."""

    model_config = SettingsConfigDict(env_file=None, extra="ignore", frozen=True)

    env: Env = Field(Env.DEVELOPMENT, description="Profile: development, test or production.")
    secret_key: SecretStr = Field(
        SecretStr(DEVELOPMENT_SECRET),
        description="Keys codes, cursors and what is sealed, as bank data (32 characters or more); rotating it voids"
        " open codes and cursors.",
    )
    previous_secret_keys: tuple[SecretStr, ...] = Field(
        (), description="Earlier SECRET_KEYs (JSON list): what was sealed with them opens until it is sealed anew."
    )

    database_url: str = Field(EMBEDDED, description="PostgreSQL (15 or newer) as the application, which owns nothing.")
    database_owner_url: str = Field(EMBEDDED, description="The migrations' PostgreSQL; its role owns the tables.")
    database_pool_size: int = Field(
        20, ge=2, le=500, description="Connections in each of a process's two pools: transactions, planned reads."
    )
    reads_under_row_security: bool = Field(
        False,
        description="Planned reads too run in transactions under row-level security, as all other statements do:"
        " a second wall, for some time more; needed behind a pooler that refuses settings at the start.",
    )
    database_acquire_timeout: float = Field(2.0, gt=0, description="Longest wait for a pooled connection.")
    database_statement_timeout: float = Field(5.0, gt=0, description="Longest single statement.")
    database_lock_timeout: float = Field(2.0, gt=0, description="Longest wait for a row lock.")
    database_idle_timeout: float = Field(10.0, gt=0, description="Longest idle time inside a transaction.")

    redis_url: str = Field(EMBEDDED, description="Redis for wake-ups and request buckets; may be lost at any time.")
    redis_timeout: float = Field(0.3, gt=0, description="Longest wait of a request for Redis.")

    host: str = Field("127.0.0.1", description="Address the API listens on.")
    port: int = Field(8000, ge=0, le=65535, description="Port the API listens on.")
    public_url: str = Field("http://127.0.0.1:8000", description="Address people reach; links in mails start with it.")
    site_urls: dict[str, str] = Field(
        {}, description="Address of each site's pages (JSON: CN, INTL); of one that is missing: PUBLIC_URL."
    )
    cors_origins: tuple[str, ...] = Field((), description="Origins of browser applications allowed to call the API.")
    explorer: bool | None = Field(None, description="Serve GraphiQL at /graphql; unset: not in production.")
    introspection: bool | None = Field(None, description="Answer introspection; unset: everywhere but in production.")
    inbox: bool = Field(True, description="Serve the development inbox at /inbox; never in production.")

    body_limit: int = Field(262_144, ge=1024, description="Largest request body.")
    document_limit: int = Field(65_536, ge=1024, description="Largest GraphQL document.")
    request_timeout: float = Field(10.0, gt=0, description="Deadline of one operation.")
    body_timeout: float = Field(10.0, gt=0, description="Deadline for the whole request body to arrive.")
    admission_limit: int = Field(80, ge=1, description="Operations running at once in one process.")
    admission_queue: int = Field(50, ge=0, description="Operations that may wait for a place; more are answered 503.")
    admission_wait: float = Field(0.5, gt=0, description="Longest wait for a place before 503.")

    executor: ExecutorName = Field(
        ExecutorName.COMPILED, description="What executes operations: compiled, or core (graphql-core alone; slower)."
    )

    email_transport: EmailTransport = Field(EmailTransport.RECORDING, description="How mail leaves.")
    email_sender: str = Field("Cosell <no-reply@cosell.example>", description="From address of every mail.")
    smtp_host: str = Field("", description="SMTP server.")
    smtp_port: int = Field(465, description="SMTP port.")
    smtp_user: str = Field("", description="SMTP user; empty for none.")
    smtp_password: SecretStr = Field(SecretStr(""), description="SMTP password.")
    smtp_security: SmtpSecurity = Field(SmtpSecurity.TLS, description="tls, starttls or none (refused in production).")
    smtp_connect_timeout: float = Field(10.0, gt=0, description="Longest wait for the SMTP connection.")
    smtp_timeout: float = Field(30.0, gt=0, description="Longest wait for one SMTP answer.")

    sms_provider: SmsProvider = Field(SmsProvider.RECORDING, description="Which SMS adapter sends.")
    sms_endpoint: str = Field("", description="Override of the provider's address; empty: the provider's public one.")
    sms_access_id: str = Field("", description="Provider's access key id.")
    sms_access_secret: SecretStr = Field(SecretStr(""), description="Provider's access key secret.")
    sms_app_id: str = Field("", description="Provider's application id (Tencent: SdkAppId).")
    sms_sign_name: str = Field("", description="Approved signature shown in front of the text.")
    sms_region: str = Field("", description="Provider's region; empty: the adapter's default.")
    sms_templates: dict[str, str] = Field({}, description="Our template name -> the provider's template id (JSON).")
    sms_connect_timeout: float = Field(5.0, gt=0, description="Longest wait for the provider's connection.")
    sms_timeout: float = Field(10.0, gt=0, description="Longest wait for the provider's answer.")

    recognition_provider: RecognitionProvider = Field(
        RecognitionProvider.NONE, description="Who reads the pictures of business licences: none, tencent or aliyun."
    )
    recognition_endpoint: str = Field("", description="Override of its address; empty: the provider's public one.")
    recognition_access_id: str = Field("", description="Access key id of the provider that reads licences.")
    recognition_access_secret: SecretStr = Field(SecretStr(""), description="The access key's secret.")
    recognition_connect_timeout: float = Field(5.0, gt=0, description="Longest wait for that provider's connection.")
    recognition_timeout: float = Field(20.0, gt=0, description="Longest wait for what it has read.")

    settlement: SettlementMode = Field(
        SettlementMode.RECORDING,
        description="Who makes micro-deposits: recording (the development inbox shows the sum) or entered (the"
        " vendor's finance pays and says so with recordMicroDeposit).",
    )

    storage_url: str = Field(
        ".run/files", description="Where files that are handed in lie: a folder, or s3://bucket or s3://bucket/folder."
    )
    storage_endpoint: str = Field("", description="Address of the S3-compatible service; empty: the region's own.")
    storage_region: str = Field("", description="Region of the bucket.")
    storage_access_key: str = Field("", description="Access key of the bucket; empty: the machine's own identity.")
    storage_secret_key: SecretStr = Field(SecretStr(""), description="The access key's secret.")
    storage_connect_timeout: float = Field(3.0, gt=0, description="Longest wait for the storage's connection.")
    storage_timeout: float = Field(20.0, gt=0, description="Longest wait for one answer of the storage.")
    feed_folder: str | None = Field(
        None,
        description="Folder that stands in for partners' buckets; empty: files go to the buckets; unset: .run/buckets,"
        " in production none.",
    )
    feed_guard: bool | None = Field(
        None,
        description="Send files only over TLS and to addresses of the internet; unset: in production, where it cannot"
        " be switched off.",
    )
    feed_proxy: str = Field("", description="Proxy through which partners' buckets are reached; empty: directly.")
    feed_connect_timeout: float = Field(5.0, gt=0, description="Longest wait for a bucket's connection.")
    feed_timeout: float = Field(60.0, gt=0, description="Longest wait for one answer of a bucket.")
    upload_timeout: float = Field(60.0, gt=0, description="Deadline for the whole content of a file to arrive.")
    upload_limit: int = Field(8, ge=1, description="Files that one process receives or hands out at once.")
    clamd_host: str = Field("", description="ClamAV daemon that looks into each file; empty: none does.")
    clamd_port: int = Field(3310, ge=1, le=65535, description="The daemon's TCP port.")
    clamd_timeout: float = Field(30.0, gt=0, description="Longest look into one file.")

    quiet_hours: bool | None = Field(
        None, description="Let what is not urgent wait for its recipient's working hours; unset: in production."
    )

    keep_alive: int = Field(
        75, ge=5, description="Seconds an idle connection stays open; longer than a proxy keeps it, or it answers 502."
    )
    shutdown_timeout: float = Field(25.0, gt=0, description="Longest graceful stop.")
    history_days: int = Field(
        30,
        ge=1,
        le=3650,
        description="Days that delivered messages, runs, and codes and sessions past their end are kept.",
    )
    log_level: str = Field("INFO", description="Lowest level written.")
    log_json: bool | None = Field(None, description="JSON lines; unset: JSON in production, readable text elsewhere.")

    @property
    def serves_explorer(self) -> bool:
        """Whether GraphiQL is served."""
        return self.env is not Env.PRODUCTION if self.explorer is None else self.explorer

    @property
    def serves_introspection(self) -> bool:
        """Whether introspection queries are answered."""
        return self.env is not Env.PRODUCTION if self.introspection is None else self.introspection

    @property
    def keeps_quiet_hours(self) -> bool:
        """Whether messages that are not urgent wait for working hours."""
        return self.env is Env.PRODUCTION if self.quiet_hours is None else self.quiet_hours

    @property
    def bucket_folder(self) -> str:
        """The folder that stands in for partners' buckets; empty where files go to the buckets."""
        if self.feed_folder is not None:
            return self.feed_folder
        return "" if self.env is Env.PRODUCTION else ".run/buckets"

    @property
    def guards_feeds(self) -> bool:
        """Whether files go only over TLS and to addresses of the internet."""
        return self.env is Env.PRODUCTION if self.feed_guard is None else self.feed_guard

    @property
    def serves_inbox(self) -> bool:
        """Whether the development inbox is served."""
        return self.inbox and self.env is not Env.PRODUCTION

    @model_validator(mode="after")
    def _refuse_development_values_in_production(self) -> Self:
        if self.env is Env.PRODUCTION:
            problems = production_problems(self)
            if problems:
                raise ValueError("; ".join(problems))
        return self


def production_problems(settings: Settings) -> list[str]:
    """Every reason why these settings may not serve production; empty when they may."""
    secret = settings.secret_key.get_secret_value()
    checks = {
        "SECRET_KEY is the development secret": secret == DEVELOPMENT_SECRET,
        "SECRET_KEY is shorter than 32 characters": len(secret) < 32,
        "DATABASE_URL is the embedded server": settings.database_url == EMBEDDED,
        "DATABASE_OWNER_URL is the embedded server": settings.database_owner_url == EMBEDDED,
        "REDIS_URL is the embedded server": settings.redis_url == EMBEDDED,
        "DATABASE_URL and DATABASE_OWNER_URL are the same": settings.database_url == settings.database_owner_url,
        "DATABASE_URL has a default password": _has_default_password(settings.database_url),
        "DATABASE_OWNER_URL has a default password": _has_default_password(settings.database_owner_url),
        "EMAIL_TRANSPORT records instead of sending": settings.email_transport is EmailTransport.RECORDING,
        "SMS_PROVIDER records instead of sending": settings.sms_provider is SmsProvider.RECORDING,
        "SMTP_SECURITY is none": settings.smtp_security is SmtpSecurity.NONE,
        "STORAGE_URL is a folder of the sources": settings.storage_url.startswith(".run"),
        "FEED_FOLDER stands in for partners' buckets": bool(settings.bucket_folder),
        "FEED_GUARD is off": not settings.guards_feeds,
        "SETTLEMENT records instead of transferring": settings.settlement is SettlementMode.RECORDING,
        "RECOGNITION_PROVIDER has no keys": _lacks_recognition_keys(settings),
        "RECOGNITION_ENDPOINT is without TLS": settings.recognition_endpoint.startswith("http://"),
    }
    return [problem for problem, holds in checks.items() if holds]


def _lacks_recognition_keys(settings: Settings) -> bool:
    keys = (settings.recognition_access_id, settings.recognition_access_secret.get_secret_value())
    return settings.recognition_provider is not RecognitionProvider.NONE and not all(keys)


def _has_default_password(url: str) -> bool:
    from urllib.parse import urlsplit

    return urlsplit(url).password in {"postgres", "password", "cosell", "changeme", "secret"}


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The process's settings, read once."""
    return Settings()
