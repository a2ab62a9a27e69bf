import { addRestoration } from './machines.ts';
import { type Builder, DAY, stampAt } from './rows.ts';

/** For each project: one snapshot that was restored twice, one restore that failed (silently, contract 2.3), one under way. */
export function addRestorations(builder: Builder): void {
  for (const project of builder.rows.projects) {
    const [first, second, third] = builder.rows.snapshots.filter(
      (snapshot) =>
        snapshot.project_uuid === project.uuid && snapshot.state === 'OK' && snapshot.source_volume_uuid !== null,
    );
    if (first !== undefined) {
      addRestoration(builder, first, `${first.name}-restored`.slice(0, 150));
      addRestoration(builder, first, 'restore-drill');
    }
    if (second !== undefined) {
      addRestoration(builder, second, 'restore-failed', {
        state: 'ERRED',
        backend_id: null,
        runtime_state: '',
        metadata: '',
      });
    }
    if (third !== undefined) {
      addRestoration(builder, third, 'restore-in-progress', {
        state: 'CREATING',
        runtime_state: 'creating',
        bootable: true,
        metadata: '',
        modified: stampAt(builder.now - 3_000, builder.random),
      });
    }
  }
}

/** A backup of each project's first machine holds the newest snapshot of one of its disks. */
export function addBackups({ rows, random, now }: Builder): void {
  for (const project of rows.projects) {
    const instance = rows.instances.find((one) => one.project_uuid === project.uuid);
    const disks = new Set(rows.volumes.filter((one) => one.instance_uuid === instance?.uuid).map((one) => one.uuid));
    const snapshot = rows.snapshots.findLast(
      (one) => one.state === 'OK' && one.source_volume_uuid !== null && disks.has(one.source_volume_uuid),
    );
    if (instance === undefined || snapshot === undefined) continue;
    const uuid = random.uuid();
    rows.backups.push({
      uuid,
      seq: rows.backups.length + 1,
      name: `Backup of ${instance.name}`,
      description: '',
      state: 'OK',
      backend_id: '',
      error_message: '',
      error_traceback: '',
      created: snapshot.created,
      modified: stampAt(now - DAY, random),
      project_uuid: project.uuid,
      service_settings_uuid: snapshot.service_settings_uuid,
      tenant_uuid: snapshot.tenant_uuid,
      instance_uuid: instance.uuid,
    });
    snapshot.backup_uuids.push(uuid);
  }
}

/** Primary keys follow the time of creation, as in a real database. Texts that quote a key follow too. */
export function numberByAge({ rows }: Builder): void {
  for (const list of [rows.volumes, rows.snapshots]) {
    list.sort((a, b) => (a.created < b.created ? -1 : 1));
    list.forEach((row, i) => {
      row.seq = i + 1;
      row.error_message = row.error_message.replace(/\(PK: \d+\)/, `(PK: ${row.seq})`);
      row.error_traceback = row.error_traceback.replace(/\(PK: \d+\)/, `(PK: ${row.seq})`);
    });
  }
}
