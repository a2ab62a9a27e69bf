import type { State } from '../../../src/domain/states.ts';
import type { Snapshot, Volume } from '../../model.ts';
import type { Call, Reply } from '../exchange.ts';
import type { Sight } from '../visibility.ts';

/** One write on an object: what must hold before its body is read, and what it does (contract 2.0, 2.1). */
export interface WriteRule<Row extends Snapshot | Volume> {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** null: any. */
  readonly states: readonly State[] | null;
  readonly needsBackendId: boolean;
  /** Checked before the object is looked up. */
  readonly staffOnly: boolean;
  /** Checks the body before the object is looked up. @throws HttpError for an invalid body. */
  readonly checkBodyFirst?: (call: Call) => void;
  /** Checks the object before its state. @throws HttpError 409 for an object that does not allow the write. */
  readonly checkRow?: (call: Call, row: Row) => void;
  /** True for what exists since 8.0 only. */
  readonly since2026?: boolean;
  /** @param sight what the caller sees, for other objects that the body names. */
  handle(call: Call, row: Row, sight: Sight): Reply;
}

export type AnyRule = WriteRule<Snapshot> | WriteRule<Volume>;
