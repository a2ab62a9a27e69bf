import { parseState } from '../src/domain/states.ts';
import type { Dataset } from './model.ts';

/** An invalid dataset. The message is shown to the user. */
export class DatasetError extends Error {}

/** Required tables. The others are optional. */
const NEEDED = ['users', 'customers', 'projects', 'service_settings', 'tenants', 'volumes', 'snapshots'] as const;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Validates a parsed dataset. @throws DatasetError that names the first invalid row. */
export function readDataset(value: unknown): Dataset {
  if (!isObject(value)) throw new DatasetError('a dataset must be an object of tables');
  for (const name of NEEDED) if (!(name in value)) throw new DatasetError(`the table "${name}" is missing`);
  for (const [name, table] of Object.entries(value)) {
    if (!Array.isArray(table)) throw new DatasetError(`the table "${name}" must be an array`);
    table.forEach((row, i) => {
      if (!isObject(row) || typeof row.uuid !== 'string') throw new DatasetError(`${name}[${i}] has no uuid`);
      if ('state' in row && (typeof row.state !== 'string' || parseState(row.state) === undefined)) {
        throw new DatasetError(`${name}[${i}] has the unknown state ${JSON.stringify(row.state)}`);
      }
    });
  }
  return value as Dataset;
}
