import asyncio
import json
import logging
import subprocess
import time
import unittest
from contextlib import asynccontextmanager
from pathlib import Path

from client import GatewayError, Snapshots

# The tests run asyncio in its debug mode, which logs what takes long.
logging.getLogger("asyncio").setLevel(logging.ERROR)

FILTER = {"name": "example"}
EXAMPLES = 25
PAGE = """
query ($filter: SnapshotFilter, $after: String) {
  snapshots(filter: $filter, first: 10, after: $after) {
    totalCount nodes { uuid name state } pageInfo { hasNextPage endCursor }
  }
}
"""


class Server:
    """A gateway with an embedded Waldur; see examples/support/serve.ts."""

    def __init__(self) -> None:
        program = Path(__file__).parent.parent / "support" / "serve.ts"
        self.process = subprocess.Popen(
            ["node", str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        self.url = self.answer()

    def answer(self):
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise AssertionError(answer["error"])
        return answer["value"]

    def call(self, *words):
        self.process.stdin.write(json.dumps(words) + "\n")
        self.process.stdin.flush()
        return self.answer()

    def names(self):
        return [row["name"] for row in self.call("rows", "example")]

    def uuid(self, name):
        return self.call("rows", name)[0]["uuid"]

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class Watched:
    """A table that follows the examples, and the kinds of its events."""

    def __init__(self) -> None:
        self.rows = {}
        self.kinds = []
        self.total = None

    def apply(self, change) -> None:
        self.kinds.append(change["kind"])
        if change["kind"] == "RESET":
            self.rows.clear()
        if change["totalCount"] is not None:
            self.total = change["totalCount"]
        if change["snapshot"] is not None:
            self.rows[change["snapshot"]["uuid"]] = change["snapshot"]
        elif change["uuid"] is not None:
            self.rows.pop(change["uuid"], None)

    def names(self):
        return sorted(row["name"] for row in self.rows.values())


async def eventually(holds) -> None:
    end = time.monotonic() + 30
    while not holds():
        if time.monotonic() > end:
            raise AssertionError("it did not happen within 30 s")
        await asyncio.sleep(0.02)


class ClientTest(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.server = Server()
        cls.addClassCleanup(cls.server.close)

    def setUp(self) -> None:
        self.snapshots = Snapshots(f"{self.server.url}/graphql", lambda: self.server.call("token"))

    @asynccontextmanager
    async def watch(self, snapshots=None):
        watched = Watched()
        task = asyncio.create_task((snapshots or self.snapshots).follow(FILTER, watched.apply))
        try:
            await eventually(lambda: "BOOKMARK" in watched.kinds)
            yield watched
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def agrees(self, watched) -> None:
        names = self.server.names()
        await eventually(lambda: watched.names() == names and watched.total == len(names))

    async def test_query_a_list_with_its_total(self) -> None:
        page = (await self.snapshots.execute(PAGE, {"filter": FILTER}))["snapshots"]
        self.assertGreaterEqual(page["totalCount"], EXAMPLES - 2)
        self.assertEqual([row["name"] for row in page["nodes"]], self.server.names()[:10])

    async def test_page_all_pages_one_after_the_other(self) -> None:
        names, after, more = [], None, True
        while more:
            page = (await self.snapshots.execute(PAGE, {"filter": FILTER, "after": after}))["snapshots"]
            names += [row["name"] for row in page["nodes"]]
            more, after = page["pageInfo"]["hasNextPage"], page["pageInfo"]["endCursor"]
        self.assertEqual(names, self.server.names())

    async def test_mutation_with_a_key_makes_one_volume(self) -> None:
        given = {"uuid": self.server.uuid("example 02"), "name": "restored", "idempotencyKey": "the dialogue"}
        document = """
        mutation ($input: RestoreSnapshotInput!) {
          restoreSnapshot(input: $input) { volume { uuid } userErrors { code } }
        }
        """
        first = (await self.snapshots.execute(document, {"input": given}))["restoreSnapshot"]
        second = (await self.snapshots.execute(document, {"input": given}))["restoreSnapshot"]
        self.assertEqual(first["userErrors"], [])
        self.assertEqual(first["volume"], second["volume"])

    async def test_live_changes_by_others_arrive(self) -> None:
        async with self.watch() as watched:
            self.assertEqual(watched.kinds[0], "RESET")
            uuid = self.server.uuid("example 04")
            self.server.call("elsewhere", "updateSnapshot", {"uuid": uuid, "name": "example 04 b"})
            await eventually(lambda: watched.rows[uuid]["name"] == "example 04 b")
            self.server.call("elsewhere", "unlinkSnapshot", {"uuid": uuid})
            await self.agrees(watched)

    async def test_resume_a_cut_connection_and_a_restarted_gateway(self) -> None:
        async with self.watch() as watched:
            self.assertGreater(self.server.call("cut"), 0)
            self.server.call("elsewhere", "unlinkSnapshot", {"uuid": self.server.uuid("example 05")})
            made = {"volumeUuid": self.server.call("volumeUuid"), "name": "example made while away"}
            self.server.call("elsewhere", "createSnapshot", made)
            await self.agrees(watched)
            # It resumed: there was no second start.
            self.assertEqual(watched.kinds.count("RESET"), 1)
            self.server.call("stop")
            self.server.call("drop", self.server.uuid("example 06"))
            self.server.call("add", "example added while away")
            self.server.call("start")
            await self.agrees(watched)
            self.assertEqual(watched.kinds.count("RESET"), 2)

    async def test_error_codes_are_waited_for_or_raised(self) -> None:
        limited = {"path": "/api/openstack-snapshots/", "status": 429, "headers": {"retry-after": "1"}, "times": 1}
        self.server.call("fault", limited)
        page = (await self.snapshots.execute(PAGE, {"filter": FILTER}))["snapshots"]
        self.assertGreater(page["totalCount"], 0)
        stranger = Snapshots(self.snapshots.url, lambda: "0" * 40)
        for snapshots, document, code in [
            (stranger, PAGE, "UNAUTHENTICATED"),
            (self.snapshots, "{ snapshots { nope } }", "GRAPHQL_VALIDATION_FAILED"),
            (self.snapshots, "{ snapshots(first: -1) { totalCount } }", "BAD_USER_INPUT"),
        ]:
            with self.assertRaises(GatewayError) as caught:
                await snapshots.execute(document)
            self.assertEqual(caught.exception.code, code)

    async def test_token_renewal_for_queries_and_the_stream(self) -> None:
        def renewing():
            state = {"token": self.server.call("token"), "renewals": 0}

            async def renew() -> None:
                state.update(token=self.server.call("token"), renewals=state["renewals"] + 1)

            return state, Snapshots(self.snapshots.url, lambda: state["token"], renew)

        for_query, querying = renewing()
        for_stream, streaming = renewing()
        async with self.watch(streaming) as watched:
            # An object that moves is polled every two seconds, so the stream soon learns that its token is revoked.
            self.server.call("elsewhere", "pullSnapshot", {"uuid": self.server.uuid("example 09")})
            self.server.call("renewToken")
            await querying.execute(PAGE, {"filter": FILTER})
            self.assertEqual(for_query["renewals"], 1)
            await eventually(lambda: for_stream["renewals"] == 1)
            self.server.call("add", "example after the renewal")
            await self.agrees(watched)


if __name__ == "__main__":
    unittest.main()
