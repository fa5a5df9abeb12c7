"""How the gateways stand, what became of the calls to them, and their messages that are left, for ``/metrics``."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from airbnb import clock
from payments import gateways
from payments.gateways.guarding import breaker_of
from payments.models import GatewayState, WebhookMessage
from payments.states import MessageState

RESULTS = ("ok", "bad", "refused", "full", "up", "down")


class GatewayCollector(Collector):
    """Standing from the table, calls from the breaker's own counts, so every process tells the same."""

    def collect(self) -> Iterable[Metric]:
        """``result``: ok, bad, refused by the breaker, full (no ticket); up and down are probes."""
        rests = GaugeMetricFamily("binbang_gateway_rests", "1 while no payments are taken", labels=["gateway"])
        forced = GaugeMetricFamily("binbang_gateway_forced", "1 while an operator decides", labels=["gateway"])
        since = GaugeMetricFamily("binbang_gateway_standing_seconds", "How long it stands so", labels=["gateway"])
        calls = CounterMetricFamily("binbang_gateway_calls", "Calls and probes by result", labels=["gateway", "result"])
        at, rows = clock.now(), GatewayState.objects.in_bulk()
        for name in gateways.in_use():
            row, counts = rows.get(name), breaker_of(name).counts()
            rests.add_metric([name], float(row is not None and row.rests))
            forced.add_metric([name], float(row is not None and bool(row.forced)))
            since.add_metric([name], (at - row.since).total_seconds() if row is not None else 0.0)
            for result in RESULTS:
                calls.add_metric([name, result], counts.get(result, 0))
        return [rests, forced, since, calls, _messages()]


def _messages() -> Metric:
    """What is left of the inbox; those that are done are no longer counted."""
    found = GaugeMetricFamily("binbang_webhooks", "Gateways' messages that wait or were given up", labels=["state"])
    for state in (MessageState.WAITING, MessageState.PARKED):
        found.add_metric([state], WebhookMessage.objects.filter(state=state).count())
    return found
