"""Gauges of the latest check, for ``/metrics``."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from airbnb.invariants.models import CheckRun, StandingFinding


class InvariantCollector(Collector):
    """How many rows break which invariant, and when that was last asked; from the table, so every process agrees."""

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Nothing but the names before the first run."""
        rows = GaugeMetricFamily("binbang_invariant_broken_rows", "Rows that break an invariant", labels=["invariant"])
        for name, count in StandingFinding.objects.filter(gone_at__isnull=True, count__gt=0).values_list(
            "name", "count"
        ):
            rows.add_metric([name], count)
        yield rows
        broken = GaugeMetricFamily("binbang_invariants_broken", "Invariants broken at the latest check")
        unanswered = GaugeMetricFamily("binbang_invariants_unanswered", "Invariants that could not be asked")
        seconds = GaugeMetricFamily("binbang_invariants_seconds", "How long the latest check took")
        at = GaugeMetricFamily("binbang_invariants_checked_timestamp_seconds", "When the latest check finished")
        latest = CheckRun.objects.filter(finished_at__isnull=False).order_by("-begun_at").first()
        if latest is not None and latest.finished_at is not None:
            broken.add_metric([], latest.broken)
            unanswered.add_metric([], latest.unanswered)
            seconds.add_metric([], latest.seconds)
            at.add_metric([], latest.finished_at.timestamp())
        yield from (broken, unanswered, seconds, at)
