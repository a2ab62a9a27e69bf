import type { Check } from '../check.ts';
import type { Life } from '../life/life.ts';
import type { Subject } from '../subject.ts';
import { AUTHENTICATION } from './authentication.ts';
import { FIELDS } from './fields.ts';
import { FILTERS } from './filters.ts';
import { REPLACE, UPDATE } from './life/change.ts';
import { CREATE, CREATED, LIST_REFUSAL } from './life/create.ts';
import { DELETE } from './life/delete.ts';
import { PULL } from './life/pull.ts';
import {
  CREATE_REFUSALS,
  MISSING_REFUSALS,
  REPLACE_REFUSALS,
  RESTORE_REFUSALS,
  UPDATE_REFUSALS,
  WRONG_STATES,
} from './life/refusals.ts';
import { RESTORE } from './life/restore.ts';
import { STAFF } from './life/staff.ts';
import { VOLUME } from './life/volume.ts';
import { ORDERING } from './ordering.ts';
import { PAGING } from './paging.ts';
import { RELATED } from './related.ts';
import { RETRIEVE } from './retrieve.ts';
import { SHAPE } from './shape.ts';
import { STATE_FILTERS } from './states.ts';
import { TRANSPORT } from './transport.ts';

/** Checks that only read, in any order. */
export const READING: readonly Check<Subject>[] = [
  ...TRANSPORT,
  ...AUTHENTICATION,
  ...SHAPE,
  ...RETRIEVE,
  ...FIELDS,
  ...PAGING,
  ...ORDERING,
  ...STATE_FILTERS,
  ...FILTERS,
  ...RELATED,
];

/**
 * Checks that write: the life of one snapshot, in this order. pull comes late, because a version of 2024 makes the snapshot ERRED
 * by it, and then only DELETE is left.
 */
export const WRITING: readonly Check<Life>[] = [
  LIST_REFUSAL,
  ...MISSING_REFUSALS,
  ...CREATE_REFUSALS,
  ...CREATE,
  ...WRONG_STATES,
  ...CREATED,
  ...UPDATE_REFUSALS,
  ...UPDATE,
  ...REPLACE_REFUSALS,
  ...REPLACE,
  ...RESTORE_REFUSALS,
  ...RESTORE,
  ...VOLUME,
  ...STAFF,
  ...PULL,
  ...DELETE,
];
