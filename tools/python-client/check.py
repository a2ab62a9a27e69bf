#!/usr/bin/env python3
"""Drives a server with Waldur's own published Python client, unchanged: every answer must parse into the client's models.

    pip install -r requirements.txt
    python check.py URL TOKEN        e.g. http://127.0.0.1:4001 and a staff token of `npm run simulator -- --waldur 2026`

It writes: it creates, renames, pulls, restores and removes snapshots, so point it at a Waldur that may be changed. Where the real
server is known to answer otherwise than it documents (restore is 201, delete 202), the client raises, and the check asks that
it does so with just that status and a body that parses. Exit status 0 when every check passes.
"""

import json
import sys
from uuid import UUID

from waldur_api_client.api.openstack_snapshots import (
    openstack_snapshots_count,
    openstack_snapshots_destroy,
    openstack_snapshots_list,
    openstack_snapshots_partial_update,
    openstack_snapshots_pull,
    openstack_snapshots_restorations_list,
    openstack_snapshots_restore,
    openstack_snapshots_retrieve,
    openstack_snapshots_set_erred,
    openstack_snapshots_set_ok,
    openstack_snapshots_unlink,
    openstack_snapshots_update,
)
from waldur_api_client.api.openstack_volumes import (
    openstack_volumes_list,
    openstack_volumes_retrieve,
    openstack_volumes_snapshot,
)
from waldur_api_client.api.users import users_me_retrieve
from waldur_api_client.client import AuthenticatedClient
from waldur_api_client.errors import UnexpectedStatus
from waldur_api_client.models.core_states import CoreStates
from waldur_api_client.models.detail import Detail
from waldur_api_client.models.open_stack_snapshot import OpenStackSnapshot
from waldur_api_client.models.open_stack_snapshot_field_enum import OpenStackSnapshotFieldEnum
from waldur_api_client.models.open_stack_snapshot_request import OpenStackSnapshotRequest
from waldur_api_client.models.open_stack_snapshot_restoration_request import OpenStackSnapshotRestorationRequest
from waldur_api_client.models.open_stack_volume import OpenStackVolume
from waldur_api_client.models.patched_open_stack_snapshot_request import PatchedOpenStackSnapshotRequest
from waldur_api_client.models.set_erred_request import SetErredRequest

PAGE_SIZE = 300


def expect(condition: bool, message: object) -> None:
    if not condition:
        raise AssertionError(message)


def all_pages(client: AuthenticatedClient) -> list[OpenStackSnapshot]:
    rows: list[OpenStackSnapshot] = []
    page = 1
    while True:
        answer = openstack_snapshots_list.sync_detailed(client=client, page=page, page_size=PAGE_SIZE)
        rows += answer.parsed
        if len(rows) >= int(answer.headers["X-Result-Count"]) or not answer.parsed:
            return rows
        page += 1


class Checks:
    """One method a call, in the order in which they run; each gets snapshots of its own to write to."""

    def __init__(self, client: AuthenticatedClient) -> None:
        self.client = client
        self.snapshots = all_pages(client)
        self.free = [row for row in self.snapshots if row.state == CoreStates.OK and row.backend_id]

    def take(self) -> UUID:
        expect(bool(self.free), "no OK snapshot with a backend id is left to write to")
        return self.free.pop().uuid

    def users_me(self) -> None:
        user = users_me_retrieve.sync(client=self.client)
        expect(bool(user.username) and user.is_staff is True, "the token should be of a staff user")

    def list_all(self) -> None:
        expect(all(isinstance(row.state, CoreStates) for row in self.snapshots), "a state is no member of CoreStates")
        expect(len({row.uuid for row in self.snapshots}) == len(self.snapshots), "a row came twice")

    def count(self) -> None:
        count = openstack_snapshots_count.sync(client=self.client)
        expect(count == len(self.snapshots), f"{count} counted, {len(self.snapshots)} listed")

    def list_filtered(self) -> None:
        rows = openstack_snapshots_list.sync(
            client=self.client,
            state=[CoreStates.OK, CoreStates.ERRED],
            can_manage=True,
            field=[OpenStackSnapshotFieldEnum.UUID, OpenStackSnapshotFieldEnum.STATE],
            page_size=PAGE_SIZE,
        )
        expect(bool(rows), "nothing is OK or ERRED")
        expect({row.state for row in rows} <= {CoreStates.OK, CoreStates.ERRED}, "the state filter let others through")

    def retrieve(self) -> None:
        row = self.snapshots[0]
        expect(openstack_snapshots_retrieve.sync(row.uuid, client=self.client).uuid == row.uuid, "another object came")

    def restorations(self) -> None:
        for row in self.snapshots:
            if row.restorations:
                listed = openstack_snapshots_restorations_list.sync(row.uuid, client=self.client)
                expect(len(listed) == len(row.restorations), "the list differs from the field")
                return
        raise AssertionError("no snapshot has a restoration")

    def volumes(self) -> None:
        rows = openstack_volumes_list.sync(client=self.client, page_size=PAGE_SIZE)
        expect(bool(rows), "there are no volumes")
        for row in rows[:20]:
            expect(openstack_volumes_retrieve.sync(row.uuid, client=self.client).uuid == row.uuid, "another object came")

    def snapshot_of_volume(self) -> None:
        source = next(row.source_volume for row in self.snapshots if row.source_volume)
        made = openstack_volumes_snapshot.sync(
            UUID(source.rstrip("/").rsplit("/", 1)[1]),
            client=self.client,
            body=OpenStackSnapshotRequest(name="from the Python client"),
        )
        expect(made.state == CoreStates.CREATION_SCHEDULED, f"a new snapshot is {made.state}")

    def partial_update(self) -> None:
        body = PatchedOpenStackSnapshotRequest(description="patched")
        row = openstack_snapshots_partial_update.sync(self.take(), client=self.client, body=body)
        expect(row.description == "patched" and row.state == CoreStates.UPDATE_SCHEDULED, row)

    def update(self) -> None:
        row = openstack_snapshots_update.sync(
            self.take(), client=self.client, body=OpenStackSnapshotRequest(name="put by the Python client")
        )
        expect(row.name == "put by the Python client" and row.state == CoreStates.UPDATE_SCHEDULED, row)

    def pull(self) -> None:
        uuid = self.take()
        answer = openstack_snapshots_pull.sync_detailed(uuid, client=self.client)
        expect(answer.status_code == 202, answer.status_code)
        again = openstack_snapshots_pull.sync_detailed(uuid, client=self.client)
        expect(again.status_code == 409 and isinstance(again.parsed, Detail), "a second pull was not refused")

    def set_erred_and_ok(self) -> None:
        uuid = self.take()
        openstack_snapshots_set_erred.sync(uuid, client=self.client, body=SetErredRequest(error_message="by hand"))
        row = openstack_snapshots_retrieve.sync(uuid, client=self.client)
        expect(row.state == CoreStates.ERRED and row.error_message == "by hand", row)
        openstack_snapshots_set_ok.sync(uuid, client=self.client)
        expect(openstack_snapshots_retrieve.sync(uuid, client=self.client).state == CoreStates.OK, "it is not OK again")

    def unlink(self) -> None:
        uuid = self.take()
        expect(openstack_snapshots_unlink.sync_detailed(uuid, client=self.client).status_code == 204, "not 204")
        try:
            openstack_snapshots_retrieve.sync(uuid, client=self.client)
        except UnexpectedStatus as error:
            expect(error.status_code == 404, error.status_code)
            return
        raise AssertionError("the snapshot is still there")

    def restore(self) -> None:
        body = OpenStackSnapshotRestorationRequest(name="restored by the Python client")
        try:
            openstack_snapshots_restore.sync(self.take(), client=self.client, body=body)
        except UnexpectedStatus as error:
            expect(error.status_code == 201, f"{error.status_code} {error.content!r}")
            volume = OpenStackVolume.from_dict(json.loads(error.content))
            expect(volume.name == body.name and volume.state == CoreStates.CREATION_SCHEDULED, volume)
            return
        raise AssertionError("restore is documented as 200 and is 201; the client should have raised")

    def destroy(self) -> None:
        try:
            openstack_snapshots_destroy.sync_detailed(self.take(), client=self.client)
        except UnexpectedStatus as error:
            expect(error.status_code == 202, f"{error.status_code} {error.content!r}")
            Detail.from_dict(json.loads(error.content))
            return
        raise AssertionError("delete is documented as 204 and is 202; the client should have raised")


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    url, token = sys.argv[1:]
    checks = Checks(AuthenticatedClient(base_url=url, token=token, prefix="Token", headers={"Accept": "application/json"}))
    names = [name for name in vars(Checks) if not name.startswith("_") and name != "take"]
    failures = 0
    for name in names:
        try:
            getattr(checks, name)()
            print(f"ok    {name}")
        except Exception as error:  # a failed check must not keep the others from running
            failures += 1
            print(f"FAIL  {name}: {type(error).__name__}: {error}")
    print(f"{len(names) - failures} of {len(names)} checks passed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
