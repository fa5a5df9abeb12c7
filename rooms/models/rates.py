"""Prices and least stays of single days, and discounts: what a host sets beside the room's ordinary terms."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rooms.models.room import Room
from rooms.pricing import DISCOUNTS, Discount


class DayRuleQuerySet(models.QuerySet["DayRule"]):
    """Day rules by place and time."""

    def between(self, first: date, last: date) -> Self:
        """Those of ``first`` up to and without ``last``."""
        return self.filter(day__gte=first, day__lt=last)

    def lay(self, rules: Iterable[Any], fields: list[str]) -> None:
        """Write these rules; where one exists, only ``fields`` of it change."""
        self.bulk_create(rules, update_conflicts=True, unique_fields=["room", "day", "kind"], update_fields=fields)
        self.filter(price_minor__isnull=True, min_nights__isnull=True).delete()


class DayRule(models.Model):
    """A price or a least stay for one day; a rule for the date goes before one of a season."""

    class Kind(models.TextChoices):
        DATE = "date", _("date")
        SEASON = "season", _("season")

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="day_rules")
    day = models.DateField()
    kind = models.CharField(max_length=6, choices=Kind, default=Kind.DATE)
    price_minor = models.PositiveBigIntegerField(null=True)
    min_nights = models.PositiveSmallIntegerField(null=True)
    season_i18n = models.JSONField(default=dict)

    objects: ClassVar[Any] = DayRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("day rule")
        verbose_name_plural = _("day rules")
        constraints = (
            models.UniqueConstraint(fields=["room", "day", "kind"], name="day_rule_once"),
            models.CheckConstraint(condition=Q(kind__in=["date", "season"]), name="day_rule_kind_known"),
            models.CheckConstraint(
                condition=Q(min_nights__isnull=True) | Q(min_nights__range=(1, 365)),
                name="day_rule_min_nights_possible",
            ),
            models.CheckConstraint(
                condition=Q(price_minor__isnull=True) | Q(price_minor__gt=0), name="day_rule_is_not_free"
            ),
        )

    def __str__(self) -> str:
        return f"{self.day} {self.kind}"


class DiscountRule(models.Model):
    """A discount the host gives; new rooms have none."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="discounts")
    kind = models.CharField(max_length=16)
    threshold = models.PositiveSmallIntegerField()
    share_bp = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("discount")
        verbose_name_plural = _("discounts")
        ordering = ("kind", "threshold")
        constraints = (
            models.UniqueConstraint(fields=["room", "kind", "threshold"], name="discount_once_per_threshold"),
            models.CheckConstraint(condition=Q(kind__in=list(DISCOUNTS)), name="discount_kind_known"),
            models.CheckConstraint(condition=Q(share_bp__range=(1, 9000)), name="discount_leaves_a_price"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.threshold}: {self.share_bp / 100:g} %"

    def rule(self) -> Discount:
        """The pure rule that pricing reads."""
        return Discount(self.kind, self.threshold, self.share_bp)
