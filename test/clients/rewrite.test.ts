import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import {
  buildSchema,
  execute,
  Kind,
  Lexer,
  parse,
  type SelectionSetNode,
  Source,
  specifiedRules,
  TokenKind,
  validate,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { readDocument, type SelectionSet } from '../../clients/live/src/document.ts';
import { makeResumable } from '../../clients/live/src/rewrite.ts';
import { RUNS } from './support/runs.ts';

/** How documents are read and rewritten, compared with graphql-js. */

const ROOT = path.resolve(import.meta.dirname, '../..');
const text = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');
const schema = buildSchema(text('schema/printed/schema.graphql'));

const markdown = globSync('docs/*.md', { cwd: ROOT }).flatMap((file) =>
  [...text(file).matchAll(/```graphql\n([\s\S]*?)```/g)].map(([, block = '']) => block),
);
const CORPUS = [
  ...globSync('test/operations/**/*.graphql', { cwd: ROOT }).map(text),
  ...markdown,
  'query ($a: [String!]! = ["}", """ \\""" " {"""], $b: In = {x: {y: -1.5e+3}} @d(x: 1)) @dir(a: {b: [$a]}) { f(a: $a) @skip(if: true) }',
  '{a{b{...on T{c}...@include(if:true){d}...F}}}fragment F on on @x{query:mutation}',
  '"described" query Q("also" $v: Int = 1) { on fragment true subscription(x: "\\"}", y: """"quoted\\""" end""") }',
].filter((source) => parses(source));

function parses(source: string): boolean {
  try {
    parse(source);
    return true;
  } catch {
    return false;
  }
}

interface Shape {
  readonly [key: string]: string | boolean | undefined | readonly Shape[];
}

const shapeOf = (selection: SelectionSet | undefined): Shape[] =>
  (selection?.selections ?? []).map((one) => ({
    ...(one.kind === 'field' && { key: one.key, name: one.name, args: one.arguments.map(({ name }) => ({ name })) }),
    ...(one.kind === 'spread' && { spread: one.fragment }),
    conditional: one.isConditional,
    inside: one.kind === 'spread' ? [] : shapeOf(one.selection),
  }));

const expectedShape = (selection: SelectionSetNode | undefined): Shape[] =>
  (selection?.selections ?? []).map((one) => ({
    ...(one.kind === Kind.FIELD && {
      key: (one.alias ?? one.name).value,
      name: one.name.value,
      args: (one.arguments ?? []).map(({ name }) => ({ name: name.value })),
    }),
    ...(one.kind === Kind.FRAGMENT_SPREAD && { spread: one.name.value }),
    conditional: (one.directives ?? []).length > 0,
    inside: one.kind === Kind.FRAGMENT_SPREAD ? [] : expectedShape(one.selectionSet),
  }));

function expectSame(source: string): void {
  const read = readDocument(source);
  const { definitions } = parse(source);
  const operations = definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION);
  const fragments = definitions.filter((one) => one.kind === Kind.FRAGMENT_DEFINITION);
  expect(
    read?.operations.map((one) => ({
      type: one.type,
      name: one.name,
      end: one.end,
      variables: one.variables.map(({ name, type }) => [name, type.start, type.end]),
      inside: shapeOf(one.selection),
    })),
  ).toEqual(
    operations.map((one) => ({
      type: one.operation,
      name: one.name?.value,
      end: one.loc?.end,
      variables: one.variableDefinitions?.map(({ variable, type }) => [
        variable.name.value,
        type.loc?.start,
        type.loc?.end,
      ]),
      inside: expectedShape(one.selectionSet),
    })),
  );
  expect(
    [...(read?.fragments.values() ?? [])].map(({ name, end, selection }) => [name, end, shapeOf(selection)]),
  ).toEqual(fragments.map(({ name, loc, selectionSet }) => [name.value, loc?.end, expectedShape(selectionSet)]));
}

/** Tokens of a source, as they stand there. */
function tokensOf(source: string): string[] {
  const lexer = new Lexer(new Source(source));
  const tokens: string[] = [];
  for (let token = lexer.advance(); token.kind !== TokenKind.EOF; token = lexer.advance()) {
    tokens.push(source.slice(token.start, token.end));
  }
  return tokens;
}

const ignored = fc.constantFrom(' ', ',', '\t', '\r\n', '\uFEFF ', '\n# } ) " """ $x { ...\n', '#\n', ' , ');

describe('documents are read as graphql-js reads them', () => {
  it('those of the project', () => {
    expect(CORPUS.length).toBeGreaterThan(20);
    for (const source of CORPUS) expectSame(source);
  });

  it('with any ignored characters and comments between the tokens', () => {
    const tokens = CORPUS.map(tokensOf);
    fc.assert(
      fc.property(
        fc.nat({ max: CORPUS.length - 1 }),
        fc.array(ignored, { minLength: 1, maxLength: 40 }),
        (i, between) => {
          expectSame((tokens[i] ?? []).map((token, at) => token + between[at % between.length]).join(''));
        },
      ),
      { numRuns: 300, seed: 24 },
    );
  });

  it('what is no document is refused by both', () => {
    const part = fc.constantFrom(
      ...new Set(CORPUS.flatMap(tokensOf)),
      '"',
      '"""',
      '#',
      '\\',
      '\n',
      '1.',
      '00',
      'é',
      '?',
    );
    let refused = 0;
    fc.assert(
      fc.property(fc.nat({ max: CORPUS.length - 1 }), fc.nat(), part, (i, at, other) => {
        const tokens = tokensOf(CORPUS[i] ?? '');
        tokens[at % tokens.length] = other;
        const source = tokens.join(' ');
        if (parses(source)) expectSame(source);
        else refused += 1;
        // A source that only graphql-js refuses is refused by the gateway, rewritten or not.
        expect(() => makeResumable({ query: source }, ['kind', 'cursor'])).not.toThrow();
      }),
      { numRuns: 1_000, seed: 24 },
    );
    expect(refused).toBeGreaterThan(100);
  });
});

const EVENT = {
  kind: 'ADDED',
  cursor: 'the cursor',
  observedAt: '2026-11-28T10:00:00Z',
  id: 'the id',
  uuid: 'the uuid',
  totalCount: 7,
  previousState: null,
  state: 'OK',
  snapshot: { id: 'inner id', name: 'a name' },
};

/** Executes one event. @returns the data, and the value that `after` had. */
function run(query: string, operationName: string | undefined, variables: Readonly<Record<string, unknown>>) {
  let after: unknown;
  const snapshotChanges = (args: Readonly<Record<string, unknown>>) => {
    after = args.after ?? null;
    return EVENT;
  };
  const result = execute({
    schema,
    document: parse(query),
    rootValue: { snapshotChanges },
    variableValues: variables,
    operationName: operationName ?? null,
  });
  if (result instanceof Promise) throw new Error('nothing here waits');
  expect(result.errors).toBeUndefined();
  return { data: JSON.parse(JSON.stringify(result.data)) as Record<string, Record<string, unknown>>, after };
}

const field = fc.constantFrom(
  'kind',
  'cursor',
  'uuid',
  'state',
  'c: cursor',
  'kind: state',
  'cursor: uuid',
  'liveCursor: state',
  'what: kind',
  '... on SnapshotChange { cursor }',
  '... { kind }',
  '...Event',
  'cursor @include(if: $yes)',
  'kind @skip(if: $yes)',
  '... @skip(if: $yes) { kind k: cursor }',
  '...Event @include(if: $yes)',
  'snapshot { id kind: name }',
  '__typename',
);
const stream = fc.record({
  alias: fc.constantFrom('', 'live: '),
  args: fc.constantFrom(
    '',
    '(filter: { name: "}" })',
    '(after: null)',
    '(after: "literal", initial: false)',
    '(initial: true after: """block "literal" \\""" """)',
    '(after: $after)',
    '(filter: { name: $after }, after: $after)',
  ),
  type: fc.constantFrom('String', 'String!', 'String = "default"', 'String! = "default"'),
  fields: fc.array(field, { minLength: 1, maxLength: 5 }),
  more: fc.array(field, { maxLength: 3 }),
  place: fc.constantFrom('plain', 'inline', 'fragment', 'nested', 'twice'),
  others: fc.constantFrom(
    '',
    'query Other { viewer { uuid } }',
    'subscription Other { restoreProgress(volumeUuid: "u") { kind } }',
    'sharing',
  ),
  named: fc.boolean(),
});

describe('rewritten documents', () => {
  it('are valid, take the cursor, and answer what the original answers', () => {
    const reached = { rewritten: 0, unchanged: 0 };
    fc.assert(
      fc.property(stream, ({ alias, args, type, fields, more, place, others, named }) => {
        const root = `${alias}snapshotChanges${args} { ${fields.join(' ')} }`;
        const second = more.length === 0 ? '' : `${alias}snapshotChanges${args} { ${more.join(' ')} }`;
        const body = {
          plain: root,
          inline: `... on Subscription { ${root} }`,
          fragment: '...Root',
          nested: '...Outer',
          twice: `${root} ${second}`,
        }[place];
        const rootFragment = `fragment Root on Subscription { ${root} }`;
        const fragments = [
          ...(place === 'fragment' ? [rootFragment] : []),
          ...(place === 'nested' ? [rootFragment, 'fragment Outer on Subscription { ...Root }'] : []),
          ...(/\.\.\.Event/.test(root + second) ? ['fragment Event on SnapshotChange { state cursor }'] : []),
        ].join(' ');
        const used = root + (place === 'twice' ? second : '');
        const definitions = [
          ...(used.includes('$after') ? [`$after: ${type}`] : []),
          ...(used.includes('$yes') ? ['$yes: Boolean!'] : []),
        ];
        const head = definitions.length > 0 ? `(${definitions.join(', ')})` : '';
        const isNamed = named || others !== '';
        const other = others === 'sharing' ? `subscription Other${head} { ${body} }` : others;
        const query = `${other} subscription ${isNamed ? 'Live' : ''}${head} { ${body} } ${fragments}`;
        const operationName = isNamed ? 'Live' : undefined;
        const rules = specifiedRules;
        fc.pre(validate(schema, parse(query), rules).length === 0);

        const document = makeResumable({ query, operationName }, ['kind', 'cursor']);
        if (document === undefined) throw new Error(`not recognised: ${query}`);
        expect(validate(schema, parse(document.query), rules).map(({ message }) => message)).toEqual([]);
        reached[document.isRewritten ? 'rewritten' : 'unchanged'] += 1;
        if (!document.isRewritten) expect(document.query).toBe(query);
        const { cursorVariable, originalVariable = cursorVariable, rootKey, keys, addedKeys } = document;
        for (const yes of [true, false]) {
          const given = { yes, ...(/String!?$/.test(type) && { after: 'given' }) };
          const before = run(query, operationName, given);
          const first: unknown = Reflect.get(given, originalVariable);
          const after = run(document.query, operationName, {
            ...given,
            ...(first !== undefined && { [cursorVariable]: first }),
          });
          expect(after.after).toBe(before.after);
          const event = after.data[rootKey] ?? {};
          expect([event[keys.kind ?? ''], event[keys.cursor ?? '']]).toEqual(['ADDED', 'the cursor']);
          for (const key of addedKeys) delete event[key];
          expect(after.data).toEqual(before.data);
          for (const cursor of ['later', null]) {
            expect(run(document.query, operationName, { ...given, [cursorVariable]: cursor }).after).toBe(cursor);
          }
        }
      }),
      { numRuns: 75 * RUNS, seed: 24 },
    );
    expect(reached.rewritten).toBeGreaterThan(100);
    expect(reached.unchanged).toBeGreaterThan(1);
  });

  it.each([
    ['a query', '{ snapshots { nodes { uuid } } }'],
    ['a mutation', 'mutation { pullSnapshot(input: { uuid: "u" }) { scheduled } }'],
    ['a stream without cursors', 'subscription { restoreProgress(volumeUuid: "u") { kind } }'],
    ['what is no document', 'subscription { snapshotChanges { kind }'],
    ['two root fields', 'subscription { snapshotChanges { kind } volumeChanges { kind } }'],
    ['several operations without a name', 'subscription A { snapshotChanges { kind } } query B { a }'],
    ['a circle of fragments', 'subscription { ...A } fragment A on Subscription { ...A }'],
  ])('%s is passed on unchanged', (_, query) => {
    expect(makeResumable({ query }, ['kind'])).toBeUndefined();
  });
});
