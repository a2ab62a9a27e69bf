import { describe, expect, it } from 'vitest';
import { ask, type Question, TRANSPORTS } from '../faults/support/transports.ts';
import { tokenOf, useGateway } from '../support/gateway.ts';

/** Errors are the same and bounded on every transport, whatever a client sends. */

const gateway = useGateway();
const authorization = `Token ${tokenOf('admin1')}`;
const LONG = 'A'.repeat(150_000);
const STATES = 'query ($s: [State!]) { snapshots(filter: { state: $s }) { totalCount } }';

describe.each(TRANSPORTS)('over %s', (transport) => {
  const askFor = (question: Question) => ask(gateway().url, transport, question, { authorization });

  it.each<[name: string, question: Question]>([
    ['an enum value in a variable', { query: STATES, variables: { s: [LONG, LONG] } }],
    ['an object in a variable', { query: STATES, variables: { s: [{ [LONG]: LONG }] } }],
    [
      'characters of two units',
      { query: STATES, variables: { s: ['\u{1f600}'.repeat(75_000), `x${'\u{1f600}'.repeat(75_000)}`] } },
    ],
    ['an enum value in the document', { query: `{ snapshots(filter: { state: [${LONG}] }) { totalCount } }` }],
    ['a field', { query: `{ ${LONG} }` }],
    ['an argument', { query: `{ snapshots(${LONG}: 1) { totalCount } }` }],
    ['a type', { query: `query ($x: ${LONG}) { __typename }` }],
    ['a name of an operation', { query: '{ __typename }', operationName: LONG }],
    [
      'a member of an input',
      { query: 'query ($f: SnapshotFilter) { snapshots(filter: $f) { totalCount } }', variables: { f: { [LONG]: 1 } } },
    ],
    ['a scalar', { query: 'query ($u: UUID!) { snapshot(uuid: $u) { uuid } }', variables: { u: LONG } }],
    ['a list deep in a variable', { query: STATES, variables: { [LONG]: Array.from({ length: 1_001 }, () => 1) } }],
    [
      'a variable used in many places',
      {
        query: `{ ${Array.from({ length: 25 }, (_, i) => `a${i}: snapshot(uuid: $${'v'.repeat(5_000)}) { uuid }`).join(' ')} }`,
      },
    ],
  ])('%s that is long is not repeated in full', async (_name, question) => {
    const { errors, text } = await askFor(question);
    expect(errors.length).toBeGreaterThan(0);
    expect(text.length).toBeLessThan(2_000 + 1_500 * errors.length);
    for (const error of errors) {
      const { message } = error as { message: string };
      expect(message.length).toBeLessThanOrEqual(1_000);
      expect(message.isWellFormed()).toBe(true);
    }
  });

  it('hundreds of errors are not listed', async () => {
    const variables = { s: Array.from({ length: 900 }, () => 'x'.repeat(1_000)) };
    expect((await askFor({ query: STATES, variables })).errors.length).toBeLessThanOrEqual(101);
    const fields = Array.from({ length: 150 }, (_, i) => `f${i}`).join(' ');
    expect((await askFor({ query: `{ snapshots { ${fields} } }` })).errors.length).toBeLessThanOrEqual(101);
  });

  // A Subscribe message without a string closes the socket: its protocol demands that.
  const absent = transport === 'WebSocket' ? [] : [undefined, null];
  it.each([...absent, '', ' ', '\n\t,,', '\ufeff', '# nothing', '#a\n#b\r\n , #'])(
    'a document that is %j has the code BAD_REQUEST',
    async (query) => {
      const { codes, status } = await askFor({ query });
      expect([codes, status]).toEqual([['BAD_REQUEST'], transport === 'WebSocket' ? undefined : 400]);
    },
  );

  it('credentials that were never accepted are not "no longer" accepted', async () => {
    const query = transport === 'HTTP' ? '{ viewer { uuid } }' : 'subscription { snapshotChanges { kind } }';
    const { errors } = await ask(gateway().url, transport, { query }, { authorization: `Token ${'0'.repeat(40)}` });
    expect(errors).toMatchObject([
      {
        message: expect.stringContaining('does not accept these credentials'),
        extensions: { code: 'UNAUTHENTICATED' },
      },
    ]);
  });
});
