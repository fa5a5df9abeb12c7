"""Run the payment sandbox: ``python -m airbnb.embedded.sandbox --port P --data FILE …`` (see --help)."""

from __future__ import annotations

import argparse
import signal
import threading

from .desk import FEE_PERMILLE, Desk
from .server import SandboxServer
from .store import Store
from .webhooks import Courier


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="airbnb.embedded.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--data", required=True, help="SQLite file that keeps the books")
    parser.add_argument("--secret-key", required=True, help="the API key the application must show")
    parser.add_argument("--webhook-secret", required=True, help="signs webhooks")
    parser.add_argument("--webhook-url", default="", help="where webhooks go; empty: nowhere yet")
    parser.add_argument("--toss-key", default="test_sk_sandbox", help="the API key of Toss Payments' part")
    parser.add_argument("--toss-webhook-url", default="", help="where its webhooks go, with the secret in it")
    parser.add_argument("--public-url", default="", help="how a browser reaches the sandbox; default: its own address")
    parser.add_argument("--fees", type=int, default=FEE_PERMILLE, help="what the gateways keep of a payment, in ‰")
    return parser.parse_args()


def main() -> None:
    """Serve until SIGINT or SIGTERM."""
    given = arguments()
    store = Store(given.data)
    desk = Desk(store, given.public_url.rstrip("/"), fee_permille=given.fees)
    courier = Courier(desk, given.webhook_url, given.webhook_secret, given.toss_webhook_url)
    server = SandboxServer(given.port, desk, courier, given.secret_key, given.toss_key)
    address = f"http://127.0.0.1:{server.server_port}"
    desk.public_url = desk.public_url or address
    courier.start()
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    threading.Thread(target=server.serve_forever, name="server", daemon=True).start()
    print(f"payment sandbox ready: {address}", flush=True)
    ended.wait()
    server.shutdown()
    courier.stop()
    store.close()


if __name__ == "__main__":
    main()
