import type { Row, Uuid } from '../../model.ts';
import { type Call, ServerFault } from '../exchange.ts';
import { findRoute } from '../routes.ts';
import { readUuid } from '../uuid.ts';
import { type Field, pythonType } from './fields.ts';

/** Where the objects of a field are, and which of them the caller may name. */
interface Target<R extends Row> {
  readonly place: string;
  readonly find: (uuid: Uuid) => R | undefined;
  /** @returns why this object is not accepted; undefined when it is. */
  readonly check: (row: R) => string | undefined;
}

/** A field that names another object by its REST address: an absolute one, whose host is ignored, or a path (contract 11.4). */
export const linkField = <R extends Row>({ api }: Call, { place, find, check }: Target<R>): Field => ({
  required: true,
  read(value) {
    // Django REST framework reads the empty string of a relation as null.
    if (value === '') return { errors: ['This field may not be null.'] };
    if (typeof value !== 'string') {
      return { errors: [`Incorrect type. Expected URL string, received ${pythonType(value)}.`] };
    }
    const route = findRoute(pathOf(value), api.generation);
    if (route === undefined) return { errors: ['Invalid hyperlink - No URL match.'] };
    if (route.name !== 'related-detail' || route.place !== place) {
      return { errors: ['Invalid hyperlink - Incorrect URL match.'] };
    }
    const uuid = readUuid(route.id);
    const row = uuid === undefined ? undefined : find(uuid);
    if (row === undefined) return { errors: ['Invalid hyperlink - Object does not exist.'] };
    const refusal = check(row);
    return refusal === undefined ? { value: row.uuid } : { errors: [refusal] };
  },
});

function pathOf(address: string): string {
  if (!/^https?:/.test(address)) return address;
  const parsed = URL.parse(address);
  if (parsed === null) throw new ServerFault('the address cannot be parsed');
  return parsed.pathname;
}
