/** Requests that are meant to cost much. Each has to be refused, and cheaply. */

export interface Hostile {
  readonly name: string;
  /** `turn` makes each one differ from the last, so that nothing is answered from memory. */
  readonly document: (turn: number) => string;
  /** JSON of the variables. */
  readonly variables?: () => string;
}

const repeat = (times: number, part: string | ((i: number) => string), separator = ' '): string =>
  Array.from({ length: times }, (_, i) => (typeof part === 'string' ? part : part(i))).join(separator);

/** A tree of fragments, each spreading the next `breadth` times. */
const fragmentTree = (levels: number, breadth: number, leaf: string): string =>
  repeat(levels, (i) => `fragment F${i} on Query { ${repeat(breadth, `...F${i + 1}`)} }`) +
  ` fragment F${levels} on Query { ${leaf} }`;

const nested = (levels: number, open: string, close: string, leaf: string): string =>
  open.repeat(levels) + leaf + close.repeat(levels);

const variable = (type: string, field: string): ((turn: number) => string) => {
  return (turn) => `query Q${turn}($v: ${type}) { ${field} }`;
};
const BY_UUIDS = variable('[UUID!]!', 'snapshotsByUuid(uuids: $v) { uuid }');
const BY_FILTER = variable('SnapshotFilter', 'snapshots(filter: $v) { totalCount }');
const UPDATE = (turn: number) =>
  `mutation M${turn}($v: JSON) { updateSnapshot(input: {uuid: "${'0'.repeat(32)}", metadata: $v}) { snapshot { uuid } } }`;

export const CORPUS: readonly Hostile[] = [
  // The text.
  { name: 'token bomb: 170,000 names', document: (turn) => `{ a${turn} ${repeat(170_000, 'uuid')} }` },
  { name: 'token bomb: 1 MB of brackets', document: (turn) => `query Q${turn} ${'{'.repeat(1_000_000)}` },
  { name: 'token bomb: 1 MB of spreads', document: (turn) => `{ a${turn} ${'...'.repeat(300_000)} }` },
  { name: 'comment bomb: 300,000 comments', document: (turn) => `{ a${turn} ${'#\n'.repeat(300_000)} }` },
  { name: 'one comment of 1 MB', document: (turn) => `{ a${turn} #${'x'.repeat(1_000_000)}\n }` },
  { name: '1 MB of commas and blanks', document: (turn) => `{ a${turn} ${', '.repeat(500_000)} }` },
  { name: 'a name of 1 MB', document: (turn) => `{ a${turn}${'x'.repeat(1_000_000)} }` },
  {
    name: 'a number of 1 MB',
    document: (turn) => `{ snapshots(first: 1${turn}${'9'.repeat(1_000_000)}) { totalCount } }`,
  },
  { name: 'a string of 1 MB', document: (turn) => `{ snapshot(uuid: "${turn}${'x'.repeat(1_000_000)}") { uuid } }` },
  {
    name: 'a string of 150,000 escapes',
    document: (turn) => `{ snapshot(uuid: "${turn}${'\\u0041'.repeat(150_000)}") { uuid } }`,
  },
  {
    name: 'a block string of 400,000 lines',
    document: (turn) => `{ snapshot(uuid: """${turn}${' \n'.repeat(400_000)}x""") { uuid } }`,
  },
  { name: 'a string that never ends', document: (turn) => `{ snapshot(uuid: "${turn}${'x'.repeat(1_000_000)}` },
  { name: 'a name of 190 kB', document: (turn) => `{ a${turn}${'x'.repeat(190_000)} }` },
  {
    name: 'a string of 30,000 escapes',
    document: (turn) => `{ snapshot(uuid: "${turn}${'\\u0041'.repeat(30_000)}") { uuid } }`,
  },
  {
    name: 'a block string of 90,000 lines',
    document: (turn) => `{ snapshot(uuid: """${turn}${' \\n'.repeat(90_000)}x""") { uuid } }`,
  },
  // Nesting.
  { name: 'fields nested 100,000 deep', document: (turn) => `query Q${turn} ${nested(100_000, '{ a ', '}', '')}` },
  { name: 'fields nested 195 deep', document: (turn) => `query Q${turn} ${nested(195, '{ a ', '}', '{ a }')}` },
  {
    name: 'lists nested 100,000 deep',
    document: (turn) => `{ a${turn}: snapshots(filter: {state: ${nested(100_000, '[', ']', '')}}) { totalCount } }`,
  },
  {
    name: 'lists nested 190 deep',
    document: (turn) => `{ a${turn}: snapshots(filter: {state: ${nested(190, '[', ']', 'OK')}}) { totalCount } }`,
  },
  {
    name: 'inline fragments nested 195 deep',
    document: (turn) => `query Q${turn} { ${nested(195, '... { ', '}', 'a')} }`,
  },
  // Aliases, directives, root fields.
  { name: 'alias bomb: 1,600', document: (turn) => `query Q${turn} { ${repeat(1_600, (i) => `a${i}: viewer`)} }` },
  { name: 'alias bomb: 50,000', document: (turn) => `query Q${turn} { ${repeat(50_000, (i) => `a${i}: viewer`)} }` },
  { name: 'directive bomb: 2,400 unknown', document: (turn) => `query Q${turn} { __typename ${repeat(2_400, '@a')} }` },
  {
    name: 'directive bomb: 800 @include',
    document: (turn) => `query Q${turn} { __typename ${repeat(800, '@include(if: true)')} }`,
  },
  {
    name: 'root fields: 1,200',
    document: (turn) => `query Q${turn} { ${repeat(1_200, '__typename')} viewer { uuid } }`,
  },
  // Fragments.
  {
    name: 'exponential fragment tree, 40 levels',
    document: (turn) => `query Q${turn} { ...F0 } ${fragmentTree(40, 2, '__typename')}`,
  },
  {
    name: 'exponential fragment tree, 90 levels of 15',
    document: (turn) => `query Q${turn} { ...F0 } ${fragmentTree(90, 15, '__typename')}`,
  },
  {
    name: 'fragments in a circle of 90',
    document: (turn) =>
      `query Q${turn} { ...F0 } ${repeat(90, (i) => `fragment F${i} on Query { ...F${(i + 1) % 90} }`)}`,
  },
  {
    name: '50 fragments, each spreading 40',
    document: (turn) =>
      `query Q${turn} { ...F0 } ${repeat(50, (i) => `fragment F${i} on Query { ${repeat(40, (j) => `...F${j}`)} }`)}`,
  },
  {
    name: '700 fragments',
    document: (turn) => `query Q${turn} { ...F0 } ${repeat(700, (i) => `fragment F${i} on Query { a }`)}`,
  },
  { name: '1,200 operations', document: (turn) => repeat(1_200, (i) => `query Q${turn}x${i} { a }`) },
  {
    name: '45 operations over 50 fragments',
    document: (turn) =>
      `${repeat(45, (i) => `query Q${turn}x${i}($v: Int) { ...F0 }`)} ${repeat(50, (i) => `fragment F${i} on Query { a(b: $v) ...F${i + 1} }`)}`,
  },
  // Pairs of fields that validation would compare.
  {
    name: 'overlapping fields: 2,400 at one place',
    document: (turn) => `query Q${turn} { viewer { ${repeat(2_400, 'uuid')} } }`,
  },
  {
    name: 'overlapping fields: 29 with 30 each',
    document: (turn) => `query Q${turn} { ${repeat(29, `viewer { ${repeat(30, 'uuid')} }`)} }`,
  },
  {
    name: 'overlapping fields: deep and wide',
    document: (turn) =>
      `query Q${turn} { ${repeat(5, nested(6, 'snapshots { nodes { sourceVolume { ', '} } }', repeat(30, 'uuid')))} }`,
  },
  // What validation would suggest.
  {
    name: 'unknown fields: 2,400',
    document: (turn) => `query Q${turn} { viewer { ${repeat(2_400, (i) => `usrname${i}`)} } }`,
  },
  {
    name: 'unknown enum members: 4,500',
    document: (turn) =>
      `query Q${turn} { snapshots(filter: {state: [${repeat(4_500, (i) => `OK${i}`)}]}) { totalCount } }`,
  },
  {
    name: 'unknown input fields: 1,500',
    document: (turn) =>
      `query Q${turn} { snapshots(filter: {${repeat(1_500, (i) => `sourceVolumeUid${i}: 1`)}}) { totalCount } }`,
  },
  {
    name: 'one input field 1,500 times',
    document: (turn) => `query Q${turn} { snapshots(filter: {${repeat(1_500, 'name: "a"')}}) { totalCount } }`,
  },
  {
    name: 'unknown arguments: 1,500',
    document: (turn) => `query Q${turn} { snapshots(${repeat(1_500, (i) => `firts${i}: 1`)}) { totalCount } }`,
  },
  {
    name: 'unknown types: 95 fragments',
    document: (turn) =>
      `query Q${turn} { ...F0 } ${repeat(95, (i) => `fragment F${i} on SnapshotConection${i} { ...F${i + 1} }`)}`,
  },
  {
    name: 'variable definitions: 1,200',
    document: (turn) => `query Q${turn}(${repeat(1_200, (i) => `$v${i}: Int`)}) { viewer { uuid } }`,
  },
  {
    name: 'one variable 1,200 times',
    document: (turn) => `query Q${turn}(${repeat(1_200, '$v: Int')}) { viewer { uuid } }`,
  },
  {
    name: 'undefined variables: 1,600',
    document: (turn) => `query Q${turn} { snapshotsByUuid(uuids: [${repeat(1_600, (i) => `$v${i}`)}]) { uuid } }`,
  },
  // The schema asked for.
  {
    name: 'introspection bomb: types within types',
    document: (turn) => `query Q${turn} { __schema { types { ${nested(10, 'fields { type { ', '} }', 'name')} } } }`,
  },
  {
    name: 'introspection bomb: all of it 30 times',
    document: (turn) =>
      `query Q${turn} { ${repeat(30, (i) => `a${i}: __schema { types { fields { type { fields { type { fields { name } } } } } } }`)} }`,
  },
  // Rows.
  {
    name: 'cost bomb: pages within pages',
    document: (turn) =>
      `query Q${turn} { volumes(first: 1000) { nodes { snapshots(first: 1000) { nodes { uuid } } } } }`,
  },
  {
    name: 'cost bomb: 30 roots',
    document: (turn) =>
      `query Q${turn} { ${repeat(30, (i) => `a${i}: volumes(first: 1000) { nodes { snapshots(first: 20) { nodes { uuid } } } }`)} }`,
  },
  {
    name: 'cost bomb: through fragments',
    document: (turn) =>
      `query Q${turn} { volumes(first: 1000) { ...A } } fragment A on VolumeConnection { nodes { ...B ...B } } fragment B on Volume { snapshots(first: 1000) { nodes { sourceVolume { uuid } } } }`,
  },
  {
    name: 'a page of 2,000,000,000',
    document: (turn) => `query Q${turn} { snapshots(first: 2000000000) { nodes { uuid } } }`,
  },
  // Variables.
  {
    name: 'a list of 100,000 in the variables',
    document: BY_UUIDS,
    variables: () => `{"v":[${repeat(100_000, '"a"', ',')}]}`,
  },
  {
    name: 'a list of 500,000 in a JSON value',
    document: UPDATE,
    variables: () => `{"v":{"a":[${repeat(500_000, '0', ',')}]}}`,
  },
  {
    name: 'an object of 60,000 keys',
    document: BY_FILTER,
    variables: () => `{"v":{${repeat(60_000, (i) => `"k${i}":1`, ',')}}}`,
  },
  {
    name: 'lists nested 100,000 deep in the variables',
    document: UPDATE,
    variables: () => `{"v":${nested(100_000, '[', ']', '')}}`,
  },
  {
    name: 'a string of 1 MB in the variables',
    document: BY_UUIDS,
    variables: () => `{"v":["${'x'.repeat(1_000_000)}"]}`,
  },
  {
    name: '60,000 variables that nobody asked for',
    document: BY_UUIDS,
    variables: () => `{${repeat(60_000, (i) => `"v${i}":1`, ',')}}`,
  },
  {
    name: '999 wrong enum members in the variables',
    document: BY_FILTER,
    variables: () => `{"v":{"state":[${repeat(999, (i) => `"O${i}"`, ',')}]}}`,
  },
];
