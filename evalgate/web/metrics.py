"""Prometheus metrics in a registry of our own; every label takes one of few values."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """What the server counts; others add theirs to `registry`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "evalgate_http_requests", "Requests answered.", ["method", "route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "evalgate_http_request_seconds",
            "Time to the end of the response.",
            ["route"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self.running = Gauge("evalgate_http_requests_running", "Requests being answered.", registry=self.registry)
        self.sign_ins = Counter("evalgate_sign_ins", "Tries to sign in.", ["result"], registry=self.registry)
        self.database_errors = Counter(
            "evalgate_database_errors", "Requests that the database kept from being answered.", registry=self.registry
        )

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request under its route's template."""
        self.requests.labels(method if method in METHODS else "other", route, str(status)).inc()
        self.seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """Return everything in the text format that Prometheus reads."""
        return generate_latest(self.registry)
