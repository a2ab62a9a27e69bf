"""A client of the Waldur snapshots gateway with gql: queries, mutations, and a stream of changes that resumes."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any

from gql import Client, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportError, TransportQueryError
from gql.transport.websockets import WebsocketsTransport
from websockets.exceptions import WebSocketException

# Codes after which the same operation can succeed a little later. Only after UPSTREAM_UNAVAILABLE a mutation may have
# been done: a proxy in front of Waldur answers 502 or 504 then, too.
PASSING = {"RATE_LIMITED", "UPSTREAM_UNAVAILABLE", "UPSTREAM_BUSY", "UPSTREAM_TIMEOUT"}
MOST_ATTEMPTS = 5

CHANGES = """
subscription ($filter: SnapshotFilter, $after: String) {
  snapshotChanges(filter: $filter, after: $after) { kind cursor uuid totalCount snapshot { uuid name state } }
}
"""


class GatewayError(Exception):
    """An error that the gateway reports. The codes are listed in docs/errors.md."""

    def __init__(self, error: TransportQueryError) -> None:
        first = (error.errors or [{}])[0]
        extensions = first.get("extensions") or {}
        super().__init__(first.get("message", str(error)))
        self.code: str = extensions.get("code", "INTERNAL_SERVER_ERROR")
        self.retry_after: float | None = extensions.get("retryAfterSeconds")

    def wait(self, attempt: int) -> float:
        return backoff(attempt) if self.retry_after is None else self.retry_after


def backoff(attempt: int) -> float:
    """Seconds to wait. A random part keeps the clients from returning all at once."""
    return random.uniform(0.5, 1) * min(30, 0.25 * 2**attempt)


class Snapshots:
    """`token` is called for each request and each connection; `renew` signs in again after UNAUTHENTICATED."""

    def __init__(self, url: str, token: Callable[[], str], renew: Callable[[], Awaitable[None]] | None = None) -> None:
        self.url = url
        self.token = token
        self.renew = renew

    async def execute(self, document: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        """Sends a query or a mutation. A mutation that may have been done is repeated only with an `idempotencyKey`."""
        may_renew = self.renew is not None
        has_key = "idempotencyKey" in ((variables or {}).get("input") or {})
        may_repeat = has_key or not document.lstrip().startswith("mutation")
        attempt = 0
        while True:
            # With this type errors have status 200, too, so that gql reads their codes.
            headers = {"Authorization": f"Token {self.token()}", "Accept": "application/json"}
            try:
                async with Client(transport=AIOHTTPTransport(self.url, headers=headers)) as session:
                    return await session.execute(request(document, variables))
            except TransportQueryError as error:
                problem = GatewayError(error)
            if problem.code == "UNAUTHENTICATED" and may_renew and self.renew:
                may_renew = False
                await self.renew()
            elif (
                problem.code in PASSING
                and (may_repeat or problem.code != "UPSTREAM_UNAVAILABLE")
                and attempt < MOST_ATTEMPTS
            ):
                await asyncio.sleep(problem.wait(attempt))
                attempt += 1
            else:
                raise problem

    async def follow(self, filter: dict[str, Any], on_change: Callable[[dict[str, Any]], None]) -> None:
        """Follows snapshots until it is cancelled: reconnects after a lost connection, resumes after the last cursor."""
        after: str | None = None
        attempt = 0
        while True:
            wait = None
            transport = WebsocketsTransport(
                self.url.replace("http", "ws", 1), init_payload={"Authorization": f"Token {self.token()}"}
            )
            try:
                async with Client(transport=transport) as session:
                    async for result in session.subscribe(request(CHANGES, {"filter": filter, "after": after})):
                        change = result["snapshotChanges"]
                        after = None if change["kind"] == "RESET" else change["cursor"] or after
                        attempt = 0
                        on_change(change)
            except TransportQueryError as error:
                problem = GatewayError(error)
                if problem.code == "UNAUTHENTICATED" and self.renew and attempt < MOST_ATTEMPTS:
                    await self.renew()
                elif problem.code not in PASSING:
                    raise problem from error
                wait = problem.retry_after
            except (TransportError, WebSocketException, OSError, TimeoutError):
                pass  # The connection was lost, or the gateway is restarting.
            await asyncio.sleep(backoff(attempt) if wait is None else wait)
            attempt += 1


def request(document: str, variables: dict[str, Any] | None):
    made = gql(document)
    made.variable_values = variables
    return made
