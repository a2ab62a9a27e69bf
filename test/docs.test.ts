import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { FAULT_KEYS } from '../simulator/faults.ts';
import { DEFAULT_OPTIONS, HELP } from '../simulator/options.ts';
import { OPERATIONS } from '../simulator/worker/cloud.ts';
import { ERROR_CODES } from '../src/errors.ts';
import { at, type GraphQLAnswer, type JsonValue, useGateway } from './support/gateway.ts';
import { openSocket } from './support/socket.ts';

/**
 * Runs what the documentation shows, file by file and in order: GraphQL blocks with the JSON block that follows as variables (or, marked
 * `json error`, as the error to expect); `sh` and `js` blocks, whose output has what a following block marked `json answer` has.
 */
const ROOT = path.resolve(import.meta.dirname, '..');
/** The simulator's comes before those that subscribe: their polls go on for a while and would count as its requests. */
const FILES = ['README.md', 'simulator/README.md', ...globSync('docs/*.md', { cwd: ROOT }).sort()];
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
  const hasExamples = blocks.some(({ language }) => ['graphql', 'sh', 'js'].includes(language));

  it.runIf(hasExamples)('its examples run', async () => {
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
      if (language === 'sh' || language === 'js') {
        const output = await outputOf(language, text);
        const next = blocks[i + 1];
        if (next?.language === 'json answer') {
          expect([where, JSON.parse(output)]).toMatchObject([where, JSON.parse(next.text)]);
          continue;
        }
        const printed = output.startsWith('{') ? JSON.parse(output) : {};
        expect([where, at(printed, 'errors'), at(printed, 'error')]).toEqual([where, undefined, undefined]);
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

/** What a block prints, run with the addresses of this test's own servers. */
async function outputOf(language: 'sh' | 'js', text: string): Promise<string> {
  const program = text
    .replaceAll('http://127.0.0.1:4000', gateway().url)
    .replaceAll('http://127.0.0.1:4001', gateway().simulator.url);
  const [file, ...args] =
    language === 'sh' ? ['bash', '-ec', program] : [process.execPath, '--input-type=module', '--eval', program];
  // Not the synchronous call: the servers that it asks live in this process.
  return (await promisify(execFile)(file, args)).stdout;
}

/** The rows of the table that stands between two comments, without its head; a cell as shown, without backticks. */
function tableOf(file: string, name: string): string[][] {
  const part = read(file).split(`<!-- ${name} -->\n`)[1]?.split(`<!-- /${name} -->`)[0] ?? '';
  const lines = part.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '').replaceAll('\\|', '|')),
  );
}

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

describe('README.md', () => {
  const readme = read('README.md');

  it('has the two commands within its first screen, one line each', () => {
    const screen = readme.split('\n').slice(0, 30);
    for (const command of ['npm ci && npm start', 'npm ci && npm test']) expect(screen).toContain(command);
    expect(read('.ci/run').split('\n')).toEqual(expect.arrayContaining(['npm ci', 'npm test']));
  });
});

describe('simulator/README.md', () => {
  const FILE = 'simulator/README.md';

  it('lists every flag with its default', () => {
    const rows = tableOf(FILE, 'flags');
    const flags = rows.map(([flag = '', shown = '']) => [flag, shown]);
    const inHelp = [...HELP.matchAll(/^ {2}(--\w+(?: [A-Z][A-Za-z]*| \w+\|\w+)?) {2,}(.*)$/gm)].map(
      ([, flag, does = '']) => [flag, /\(([^()]*)\)$/.exec(does)?.[1] ?? (flag === '--frozen' ? 'off' : '')],
    );
    expect(flags).toEqual(inHelp);
  });

  it('lists every control endpoint', async () => {
    const list = (await (await fetch(`${gateway().simulator.url}/__sim`)).json()) as { method: string; path: string }[];
    expect(tableOf(FILE, 'endpoints').map(([endpoint]) => endpoint)).toEqual(
      list.map(({ method, path: shown }) => `${method} ${shown}`),
    );
  });

  it('lists every key of a fault', () => {
    const faults = read(FILE).split('### Faults')[1]?.split('\n## ')[0] ?? '';
    const keys = [...faults.matchAll(/`(\w+)`/g)].map(([, key]) => key);
    expect(keys).toEqual(expect.arrayContaining([...FAULT_KEYS]));
  });

  it('lists every operation of the cloud that can fail', () => {
    for (const operation of OPERATIONS) expect(read(FILE)).toContain(`\`${operation}\``);
  });
});

describe('what the users of the made-up world see', () => {
  // Standing still: the figures are those at the start, however long the tests before took.
  const still = useGateway({}, { simulator: { frozen: true } }, 'made-up');
  const users = () => still().simulator.tokens();

  const countFor = async (token: string): Promise<JsonValue | undefined> => {
    const headers = { authorization: `Token ${token}` };
    const { data } = await still().query('{ snapshots { totalCount } }', { as: null, headers });
    return at(data, 'snapshots', 'totalCount');
  };

  it('is what README.md says of the demo user', async () => {
    const said = /demo user `(\w+)`, who sees (\d+) of the (\d+)\s+snapshots\s[^(]*\((\d+) after a minute/;
    const [, username, seen, all, later] = said.exec(read('README.md')) ?? [];
    const token = users().find((user) => user.username === username)?.token ?? '';
    expect(OWNER).toBe(`Token ${token}`);
    const page = await (await fetch(still().url, { headers: { accept: 'text/html' } })).text();
    expect(page).toContain(OWNER);
    expect(await countFor(token)).toBe(Number(seen));
    expect(await countFor(users().find(({ role }) => role === 'staff')?.token ?? '')).toBe(Number(all));
    still().simulator.clock.advance(60_000 * DEFAULT_OPTIONS.scale);
    expect(await countFor(token)).toBe(Number(later));
  });

  it('is what simulator/README.md lists', async () => {
    const rows = users().map(async ({ username, role, token }) => [
      username,
      role,
      String(await countFor(token)),
      token,
    ]);
    expect(tableOf('simulator/README.md', 'users')).toEqual(await Promise.all(rows));
  });
});
