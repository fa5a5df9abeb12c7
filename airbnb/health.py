"""Whether this process lives, whether it should get requests, and figures for the monitoring."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.module_loading import import_string
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from airbnb import clock
from airbnb.events import projections
from airbnb.events.models import Delivery, DeliveryQuerySet, ViewState
from airbnb.invariants.metrics import InvariantCollector


@require_safe
def livez(request: HttpRequest) -> JsonResponse:
    """200 while the process can answer at all; asks nothing of anybody else."""
    return JsonResponse({"status": "live"})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when requests can be served: the database answers.

    A missing Redis and views that wait for their rebuild are told, but turn nobody away.
    """
    checks = {"database": _database_answers(), "cache": _cache_answers()}
    ready = checks["database"]
    body = {"status": "ready" if ready else "not ready", "checks": checks, "outdated_views": _outdated(ready)}
    return JsonResponse(body, status=200 if ready else 503)


def _outdated(ready: bool) -> list[str]:
    try:
        return projections.outdated() if ready else []
    except DatabaseError:  # a database before its migrations has no such table, and is not unready for that
        return []


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return cursor.fetchone() == (1,)
    except Exception:  # whatever the driver or the pool raises, the answer is no
        return False


def _cache_answers() -> bool:
    cache.set("readyz", "1", 10)
    return cache.get("readyz") == "1"


class DeliveryCollector(Collector):
    """Receipts by queue and state, and how long the oldest has waited."""

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Asked from the table, so every process tells the same."""
        waiting = GaugeMetricFamily("binbang_deliveries", "Receipts not done", labels=["queue", "status"])
        lag = GaugeMetricFamily("binbang_delivery_lag_seconds", "Age of the oldest receipt to do", labels=["queue"])
        at = clock.now()
        for queue, (count, oldest) in _summed(_pending(), lambda row: [row["queue"]]).items():
            waiting.add_metric([queue, Delivery.Status.PENDING], count)
            lag.add_metric([queue], (at - oldest).total_seconds())
        for row in Delivery.objects.dead().values("queue").annotate(count=Count("pk")).order_by():
            waiting.add_metric([row["queue"], Delivery.Status.DEAD], row["count"])
        return [waiting, lag]


class ViewCollector(Collector):
    """Read models: how far each is behind its events, whether this release built it, and what comparing found.

    An event whose delivery was given up has not been taken either: the view stays behind until it is delivered again.
    """

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Asked from the tables, so every process tells the same. A view with nothing to do is 0 behind."""
        names = ["view"]
        count = GaugeMetricFamily("binbang_view_pending", "Events that a read model has not taken yet", labels=names)
        lag = GaugeMetricFamily("binbang_view_lag_seconds", "Age of the oldest of them", labels=names)
        old = GaugeMetricFamily("binbang_view_outdated", "Built by an older version of its projection", labels=names)
        checked = GaugeMetricFamily("binbang_view_compared", "Parts in the latest comparison", labels=names)
        drifted = GaugeMetricFamily("binbang_view_drifted", "Of these, parts that differ from events", labels=names)
        at, outdated = clock.now(), projections.outdated()
        missing = [*_pending(), *_given_up()]
        behind = _summed(missing, lambda row: projections.written_by(row["listener"]))
        states = ViewState.objects.in_bulk()
        for name in sorted(projections.REGISTER):
            pending, oldest = behind.get(name, (0, at))
            count.add_metric([name], pending)
            lag.add_metric([name], (at - oldest).total_seconds())
            old.add_metric([name], int(name in outdated))
            if name in states:
                checked.add_metric([name], states[name].checked)
                drifted.add_metric([name], states[name].drifted)
        return [count, lag, old, checked, drifted]


def _pending() -> list[dict[str, Any]]:
    """What is to be delivered, by listener: read by the index of what is pending, however much was done before."""
    return _counted(Delivery.objects.pending())


def _given_up() -> list[dict[str, Any]]:
    """What was given up, the same way, by the index of that."""
    return _counted(Delivery.objects.dead())


def _counted(receipts: DeliveryQuerySet) -> list[dict[str, Any]]:
    by_listener = receipts.values("queue", "listener").order_by()
    return [dict(row) for row in by_listener.annotate(count=Count("pk"), oldest=Min("event__occurred_at"))]


def _summed(
    rows: list[dict[str, Any]], names_of: Callable[[dict[str, Any]], list[str]]
) -> dict[str, tuple[int, datetime]]:
    """``{name: (count, oldest)}`` of these rows, each under all of its names; those without are left out."""
    sums: dict[str, tuple[int, datetime]] = {}
    for row in rows:
        for name in names_of(row):
            count, oldest = sums.get(name, (0, row["oldest"]))
            sums[name] = (count + row["count"], min(oldest, row["oldest"]))
    return sums


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures in the Prometheus text format."""
    registry = CollectorRegistry()
    registry.register(DeliveryCollector())
    registry.register(ViewCollector())
    registry.register(InvariantCollector())
    for path in settings.BINBANG["COLLECTORS"]:
        registry.register(import_string(path)())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
