import type { MutationResolvers } from '../../generated.ts';
import { deleteSnapshots, pullSnapshots } from './bulk.ts';
import { createSnapshot } from './create.ts';
import { restoreSnapshot } from './restore.ts';
import { deleteSnapshot, pullSnapshot, setSnapshotErred, setSnapshotOk, unlinkSnapshot } from './schedule.ts';
import { replaceSnapshot, updateSnapshot } from './update.ts';

export const mutations: Required<MutationResolvers> = {
  createSnapshot,
  deleteSnapshot,
  deleteSnapshots,
  pullSnapshot,
  pullSnapshots,
  replaceSnapshot,
  restoreSnapshot,
  setSnapshotErred,
  setSnapshotOk,
  unlinkSnapshot,
  updateSnapshot,
};
