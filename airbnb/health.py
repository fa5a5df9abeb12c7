"""Whether this process lives, whether it should get requests, and figures for the monitoring."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.cache import cache
from django.db import connection
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from airbnb import clock
from airbnb.events.models import Delivery
from airbnb.invariants.metrics import InvariantCollector


@require_safe
def livez(request: HttpRequest) -> JsonResponse:
    """200 while the process can answer at all; asks nothing of anybody else."""
    return JsonResponse({"status": "live"})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when requests can be served: the database answers. A missing Redis is told, but turns nobody away."""
    checks = {"database": _database_answers(), "cache": _cache_answers()}
    ready = checks["database"]
    return JsonResponse({"status": "ready" if ready else "not ready", "checks": checks}, status=200 if ready else 503)


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
        rows = (
            Delivery.objects.exclude(status=Delivery.Status.DONE)
            .values("queue", "status")
            .annotate(count=Count("pk"), oldest=Min("event__occurred_at"))
        )
        for row in rows:
            waiting.add_metric([row["queue"], row["status"]], row["count"])
            if row["status"] == Delivery.Status.PENDING:
                lag.add_metric([row["queue"]], (at - row["oldest"]).total_seconds())
        return [waiting, lag]


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures in the Prometheus text format."""
    registry = CollectorRegistry()
    registry.register(DeliveryCollector())
    registry.register(InvariantCollector())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
