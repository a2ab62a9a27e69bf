import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../src/errors.ts';
import { at, type GraphQLAnswer, type JsonValue, useGateway } from './support/gateway.ts';
import { openSocket } from './support/socket.ts';

/**
 * Runs what the documentation shows, file by file and in order: GraphQL blocks with the JSON block that follows as variables (or, marked
 * `json error`, as the error to expect), and `sh` blocks.
 */
const ROOT = path.resolve(import.meta.dirname, '..');
const FILES = ['README.md', ...globSync('docs/*.md', { cwd: ROOT })].sort();
/** The demo user that the documents speak of. */
const OWNER = 'Token 1ac0ba6c11cb32b40a3d98aabd2110b5f08395b8';

const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');

interface Block {
  readonly language: string;
  readonly text: string;
  readonly line: number;
}

const blocksOf = (text: string): Block[] =>
  [...text.matchAll(/^```([^\n]*)\n(.*?)^```$/gms)].map((found) => ({
    language: found[1] ?? '',
    text: found[2] ?? '',
    line: text.slice(0, found.index).split('\n').length,
  }));

const gateway = useGateway({}, {}, 'made-up');

describe.each(FILES)('%s', (file) => {
  const blocks = blocksOf(read(file));

  it('its examples run', async () => {
    for (const [i, { language, text, line }] of blocks.entries()) {
      const where = `${file}:${line}`;
      if (language === 'graphql') {
        const next = blocks[i + 1];
        const variables = next?.language === 'json' ? JSON.parse(next.text) : undefined;
        const { data, errors } = await answer(text, variables);
        if (next?.language === 'json error') {
          expect([where, errors?.[0]?.extensions]).toMatchObject([where, JSON.parse(next.text)]);
        } else {
          expect([where, errors]).toEqual([where, undefined]);
          expect([where, refusals(data)]).toEqual([where, []]);
          expect([where, nothings(data)]).toEqual([where, []]);
        }
      }
      if (language === 'sh') {
        const command = text.replaceAll('http://127.0.0.1:4000', gateway().url);
        // Not the synchronous call: the gateway that it asks lives in this process.
        const { stdout: output } = await promisify(execFile)('bash', ['-ec', command]);
        expect([where, output.startsWith('{') ? at(JSON.parse(output), 'errors') : undefined]).toEqual([
          where,
          undefined,
        ]);
        expect(output.length).toBeGreaterThan(20);
      }
    }
  });

  it('its links lead somewhere', () => {
    const text = read(file);
    const targets = [...text.matchAll(/\]\((?!https?:)([^)#\s]+)/g)].map(([, target]) => target ?? '');
    const missing = targets.filter(
      (target) => globSync(path.join(path.dirname(file), target), { cwd: ROOT }).length === 0,
    );
    expect(missing).toEqual([]);
  });
});

type Answer = Pick<GraphQLAnswer, 'data' | 'errors'>;

/** Over HTTP; a subscription over a socket, and its first event is the answer. */
async function answer(text: string, variables?: Record<string, JsonValue>): Promise<Answer> {
  if (!/^subscription\b/m.test(text)) {
    return gateway().query(text, { as: null, headers: { authorization: OWNER }, ...(variables && { variables }) });
  }
  const socket = await openSocket(gateway().url);
  await socket.init({ Authorization: OWNER });
  socket.send({ id: '1', type: 'subscribe', payload: { query: text, variables } });
  const { type, payload } = await socket.next();
  socket.close();
  return (type === 'next' ? payload : { data: undefined, errors: payload }) as unknown as Answer;
}

/** User errors anywhere in an answer. */
function refusals(value: JsonValue | undefined): JsonValue[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    key === 'userErrors' && Array.isArray(item) ? item : refusals(item),
  );
}

/** Root fields that an example answers with null show nothing. */
const nothings = (data: JsonValue | undefined): string[] =>
  Object.entries(Object(data)).flatMap(([field, value]) => (value === null ? [field] : []));

describe('docs/errors.md', () => {
  it('lists every code and no other', () => {
    const listed = [...read('docs/errors.md').matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code);
    expect(listed).toEqual([...ERROR_CODES]);
  });
});
