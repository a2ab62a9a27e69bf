import { parseState } from '../src/domain/states.ts';
import type { Dataset } from './model.ts';

/** Something that was given as a dataset and is none; the message is for the person who gave it. */
export class DatasetError extends Error {}

/** Without these no request can be answered; the other tables may be left out. */
const NEEDED = ['users', 'customers', 'projects', 'service_settings', 'tenants', 'volumes', 'snapshots'] as const;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads a parsed dataset. @throws DatasetError naming the first row that a world could not be made of. */
export function readDataset(value: unknown): Dataset {
  if (!isObject(value)) throw new DatasetError('a dataset is an object of tables');
  for (const name of NEEDED) if (!(name in value)) throw new DatasetError(`the table "${name}" is missing`);
  for (const [name, table] of Object.entries(value)) {
    if (!Array.isArray(table)) throw new DatasetError(`the table "${name}" is not a list`);
    table.forEach((row, i) => {
      if (!isObject(row) || typeof row.uuid !== 'string') throw new DatasetError(`${name}[${i}] has no uuid`);
      if ('state' in row && (typeof row.state !== 'string' || parseState(row.state) === undefined)) {
        throw new DatasetError(`${name}[${i}] is in an unknown state ${JSON.stringify(row.state)}`);
      }
    });
  }
  return value as Dataset;
}
