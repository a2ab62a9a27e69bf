import type { Volume } from '../../model.ts';
import type { Call, Reply } from '../exchange.ts';
import { renderVolume } from '../serialize.ts';
import { booleanField, charField, checkWritable, type Fields, readFields } from './fields.ts';
import type { WriteRule } from './rule.ts';
import { createSnapshot, pull, readNewSnapshot, setErred, setOk, unlink } from './snapshots.ts';
import { VOLUME_ACTIONS } from './volume-actions.ts';

const NAME_LENGTH = { '2024': 150, '2026': 255 };

const volumeFields = (maxLength: number): Fields => ({
  name: charField({ required: true, maxLength }),
  description: charField({ allowBlank: true, maxLength: 2000 }),
  bootable: booleanField,
});

function update(call: Call, row: Volume, partial: boolean): Reply {
  const { world, tasks, generation } = call.api;
  const values = readFields(call, volumeFields(NAME_LENGTH[generation]), partial);
  checkWritable(values);
  const backend = values.name !== undefined || values.description !== undefined;
  world.update(row, { ...values, state: 'UPDATE_SCHEDULED' });
  world.touch(row);
  tasks.resourceUpdated('volume', row.uuid, backend);
  return { status: 200, body: renderVolume(call, row) };
}

const staff = { states: null, needsBackendId: false, staffOnly: true } as const;

/** When each write on a volume is accepted (contract 2.2, 11.4). */
export const VOLUME_WRITES: Readonly<Record<string, WriteRule<Volume>>> = {
  update: {
    method: 'PUT',
    states: ['OK'],
    needsBackendId: false,
    staffOnly: false,
    handle: (call, row) => update(call, row, false),
  },
  partial_update: {
    method: 'PATCH',
    states: ['OK'],
    needsBackendId: false,
    staffOnly: false,
    handle: (call, row) => update(call, row, true),
  },
  pull: {
    method: 'POST',
    states: ['OK', 'ERRED'],
    needsBackendId: true,
    staffOnly: false,
    handle: (call, row) => pull(call, 'volume', row),
  },
  snapshot: {
    method: 'POST',
    states: null,
    needsBackendId: false,
    staffOnly: false,
    checkBodyFirst: readNewSnapshot,
    handle: createSnapshot,
  },
  ...VOLUME_ACTIONS,
  unlink: { method: 'POST', ...staff, handle: (call, row) => unlink(call, 'volume', row) },
  set_ok: { method: 'POST', ...staff, since2026: true, handle: setOk },
  set_erred: { method: 'POST', ...staff, since2026: true, handle: setErred },
};
