import { getNamedType, isListType, isObjectType } from 'graphql';
import type { Roll } from './rows.ts';
import { schema } from './support.ts';

/** Fields of a type, some of them, with what is selected below. */
function selection(typeName: string, roll: Roll, depth: number): string {
  const type = schema.getType(typeName);
  if (!isObjectType(type)) throw new Error(`no type ${typeName}`);
  const fields = Object.values(type.getFields()).filter(
    ({ name, type: of }) => (depth > 0 || !isObjectType(getNamedType(of))) && !(name === 'snapshots'),
  );
  const chosen = Array.from({ length: 1 + roll(6) }, () => {
    const field = fields[roll(fields.length)];
    if (field === undefined || roll(10) === 0) return '__typename';
    const alias = roll(6) === 0 ? `a${roll(1000)}${field.name}: ` : '';
    const named = getNamedType(field.type);
    if (!isObjectType(named)) return alias + field.name;
    // What a reference does not know itself would have to be asked for.
    const isReference =
      ['Snapshot', 'Volume'].includes(named.name) && typeName !== 'SnapshotEdge' && !isListType(field.type);
    if (isReference && typeName !== 'VolumeEdge' && (typeName === 'Restoration' || roll(2) === 0)) {
      const known =
        typeName === 'Restoration' ? ['id', 'uuid', 'url', 'name', 'state', 'size', 'device'] : ['id', 'uuid', 'url'];
      return `${alias}${field.name} { ${known.filter(() => roll(2) === 0).join(' ')} __typename }`;
    }
    return `${alias}${field.name} ${selection(named.name, roll, depth - 1)}`;
  });
  return `{ ${chosen.join(' ')} }`;
}

/** A document of one list. */
export function documentOf(roll: Roll): string {
  const kind = roll(4) === 0 ? 'Volume' : 'Snapshot';
  const parts = ['nodes', 'edges', 'pageInfo { hasNextPage startCursor endCursor }', 'totalCount'].filter(
    (_, i) => i === 0 || roll(4) === 0,
  );
  const texts = parts.map((part) => {
    if (part === 'nodes') return `nodes ${selection(kind, roll, 2)}`;
    if (part === 'edges') return `edges { cursor again: cursor node ${selection(kind, roll, 2)} }`;
    return part;
  });
  if (roll(2) === 0) texts.reverse();
  return `{ ${kind.toLowerCase()}s(first: 50) { ${texts.join(' ')} } }`;
}
