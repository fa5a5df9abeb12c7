"""Users, their API tokens, and the idempotency keys they have used."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from airbnb.codes import new_code
from airbnb.money import MINOR_DIGITS


def user_code() -> str:
    """A public name for an account."""
    return new_code("U", 9)


class UserManager(BaseUserManager["User"]):
    """Makes accounts; addresses are kept in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """An account that can sign in with this password (or with none until one is set)."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """An operator with every right, for Django's own command."""
        return self.create_user(email, password, is_operator=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        """Find by address, whatever its case."""
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person. Everyone may be a guest; hosts let rooms; operators keep order."""

    class Language(models.TextChoices):
        KOREAN = "ko", _("Korean")
        ENGLISH = "en", _("English")

    code = models.CharField(max_length=16, unique=True, default=user_code, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=80, blank=True)
    phone = models.CharField(_("telephone"), max_length=24, blank=True)
    language = models.CharField(_("language"), max_length=2, choices=Language, default=Language.KOREAN)
    currency = models.CharField(
        _("currency"), max_length=3, choices=[(code, code) for code in MINOR_DIGITS], default="KRW"
    )
    is_host = models.BooleanField(_("host"), default=False)
    is_operator = models.BooleanField(_("operator"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    joined_at = models.DateTimeField(_("joined"), db_default=Now())

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = (
            models.UniqueConstraint(Lower("email"), name="user_email_once_in_any_case"),
            models.CheckConstraint(condition=models.Q(language__in=["ko", "en"]), name="user_language_known"),
        )

    def __str__(self) -> str:
        return self.shown_name

    @property
    def is_staff(self) -> bool:
        """Django's word for who may enter the operators' site."""
        return self.is_operator

    @property
    def shown_name(self) -> str:
        """The name others see: the person's own, else what stands before the @."""
        return self.name or self.email.split("@")[0]

    def get_full_name(self) -> str:
        """Django's and allauth's word for the shown name."""
        return self.shown_name

    def get_short_name(self) -> str:
        """The same; Korean names are not cut."""
        return self.shown_name


class ApiToken(models.Model):
    """A personal key to the API. Only its SHA-256 is kept, so a copy of the table opens nothing."""

    class Scope(models.TextChoices):
        READ = "read", _("Read what is yours")
        BOOK = "book", _("Reserve, pay, cancel and review")
        HOST = "host", _("Change your rooms and their calendars")
        OPERATE = "operate", _("Act as an operator")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=80, blank=True)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    prefix = models.CharField(max_length=12, editable=False)
    scopes = ArrayField(models.CharField(max_length=8, choices=Scope))
    made_at = models.DateTimeField(db_default=Now())
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self) -> str:
        return f"{self.prefix}…"

    def revoke(self, at: datetime) -> None:
        """Close this token for good."""
        self.revoked_at = self.revoked_at or at
        self.save(update_fields=["revoked_at"])


class IdempotencyKey(models.Model):
    """What was answered to a caller's key, so that the same request again gets the same answer and does nothing."""

    caller = models.CharField(max_length=64)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    headers = models.JSONField(default=dict)
    begun_at = models.DateTimeField(db_default=Now())
    answered_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("idempotency key")
        verbose_name_plural = _("idempotency keys")
        constraints = (
            models.UniqueConstraint(fields=["caller", "key"], name="idempotency_key_once_per_caller"),
            models.CheckConstraint(
                condition=models.Q(status__isnull=True, answered_at__isnull=True)
                | models.Q(status__isnull=False, answered_at__isnull=False),
                name="idempotency_answer_is_whole",
            ),
        )
        indexes = (models.Index(fields=["begun_at"], name="idempotency_by_age"),)

    def __str__(self) -> str:
        return f"{self.caller} {self.key}"
