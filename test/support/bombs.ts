/** Documents that ask for too much, with the code that refuses them. BAD_USER_INPUT is found by resolvers, the rest before anything runs. */

const tree = (levels: number): string =>
  `{ snapshots { ...f0 } } ${Array.from({ length: levels }, (_, i) => `fragment f${i} on SnapshotConnection { ...f${i + 1} ...f${i + 1} }`).join(' ')} fragment f${levels} on SnapshotConnection { totalCount }`;
const deep = `{ volumes { nodes { ${'sourceSnapshot { sourceVolume { '.repeat(10)} uuid ${'} }'.repeat(10)} } } }`;
const aliases = `{ ${Array.from({ length: 51 }, (_, i) => `a${i}: __typename`).join(' ')} }`;
const rows = '{ volumes(first: 1000) { nodes { snapshots(first: 1000) { nodes { uuid } } } } }';
const directives = `{ __typename ${'@include(if: true) '.repeat(51)} }`;

export const BOMBS: readonly [name: string, document: string, code: string][] = [
  ['an exponential tree of fragments', tree(40), 'QUERY_TOO_COMPLEX'],
  ['too deep', deep, 'QUERY_TOO_COMPLEX'],
  ['too many aliases', aliases, 'QUERY_TOO_COMPLEX'],
  ['too many rows', rows, 'QUERY_TOO_COMPLEX'],
  ['too many tokens', `{ ${'__typename '.repeat(5_001)} }`, 'QUERY_TOO_COMPLEX'],
  ['too many directives', directives, 'QUERY_TOO_COMPLEX'],
  [
    'lists within lists',
    `{ snapshots(filter: {state: ${'['.repeat(2_000)}${']'.repeat(2_000)}}) { totalCount } }`,
    'QUERY_TOO_COMPLEX',
  ],
  ['first out of range', '{ snapshots(first: 1000000000) { totalCount } }', 'BAD_USER_INPUT'],
];
