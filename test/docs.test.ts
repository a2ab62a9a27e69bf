import { execFile } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { buildSchema, isObjectType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { FAULT_KEYS } from '../simulator/faults.ts';
import { DEFAULT_OPTIONS, HELP } from '../simulator/options.ts';
import { OPERATIONS } from '../simulator/worker/cloud.ts';
import { ERROR_CODES } from '../src/errors.ts';
import { at, type GraphQLAnswer, type JsonValue, useGateway } from './support/gateway.ts';
import { openSocket } from './support/socket.ts';

/**
 * Runs the examples of the documentation, file by file and in order. The JSON block after a GraphQL block contains the variables or, marked
 * `json error`, the expected error. The output of an `sh` or `js` block must match the block marked `json answer` after it.
 */
const ROOT = path.resolve(import.meta.dirname, '..');
/** The simulator's page runs before those that subscribe: polling continues for a while, and its page counts requests. */
const FILES = ['README.md', 'simulator/README.md', ...globSync('docs/*.md', { cwd: ROOT }).sort()];
/** The demo user of the documentation. */
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

/** Waits of Waldur are short: the example that follows a restore prints when the restore has ended. */
const gateway = useGateway({}, { simulator: { scale: 60 } }, 'made-up');

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
          expect([where, userErrorsOf(data)]).toEqual([where, []]);
          expect([where, nullRootFields(data)]).toEqual([where, []]);
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
});

/** The output of a block, run against the servers of this test. */
async function outputOf(language: 'sh' | 'js', text: string, { url, simulator } = gateway()): Promise<string> {
  const program = text.replaceAll('http://127.0.0.1:4000', url).replaceAll('http://127.0.0.1:4001', simulator.url);
  const [file, ...args] =
    language === 'sh' ? ['bash', '-ec', program] : [process.execPath, '--input-type=module', '--eval', program];
  // Not the synchronous call: the servers run in this process.
  return (await promisify(execFile)(file, args)).stdout;
}

/** The rows of the table between two HTML comments, without its header. Backticks are removed from the cells. */
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

/** Runs a document over HTTP. A subscription runs over WebSocket; its first event is the result. */
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

/** All user errors in a result. */
function userErrorsOf(value: JsonValue | undefined): JsonValue[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    key === 'userErrors' && Array.isArray(item) ? item : userErrorsOf(item),
  );
}

/** Root fields that are null. An example should show data. */
const nullRootFields = (data: JsonValue | undefined): string[] =>
  Object.entries(Object(data)).flatMap(([field, value]) => (value === null ? [field] : []));

/** Without code, where brackets and hashes mean something else. */
const prose = (text: string): string =>
  text.replace(/^```.*?^```$/gms, '').replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]()#<>]/g, ''));

/** Relative links: inline, by reference, and in HTML. */
const linksOf = (text: string): string[] =>
  [
    ...prose(text).matchAll(/\]\(<?(?![a-z]+:)([^)>\s]+)/g),
    ...prose(text).matchAll(/^\[[^\]]+\]: (?![a-z]+:)(\S+)/gm),
    ...prose(text).matchAll(/<(?:a|img)\b[^>]*\b(?:href|src)="(?![a-z]+:)([^"]+)"/g),
  ].map(([, link = '']) => link);

/** The anchors of a page, as GitHub makes them from headings. A repeated one gets a number. */
function anchorsOf(text: string): Set<string> {
  const anchors = new Set([...text.matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, name = '']) => name));
  const counts = new Map<string, number>();
  for (const [, heading = ''] of text.replace(/^```.*?^```$/gms, '').matchAll(/^#{1,6} +(.*?) *#*$/gm)) {
    const words = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = words.replace(/[^\p{L}\p{N}\p{M}\p{Pc} -]/gu, '').replaceAll(' ', '-');
    const count = counts.get(slug) ?? 0;
    counts.set(slug, count + 1);
    anchors.add(count === 0 ? slug : `${slug}-${count}`);
  }
  return anchors;
}

describe('links and paths', () => {
  it('dead links and anchors are found', () => {
    const page =
      '# A `b`: c\n\n## Twice\n\n## Twice\n\n[x](a.md#b) [y](https://example.org) `[z](no)`\n\n[r]: c.md\n<img src="d.png">';
    expect([...anchorsOf(page)]).toEqual(['a-b-c', 'twice', 'twice-1']);
    expect(linksOf(page)).toEqual(['a.md#b', 'c.md', 'd.png']);
  });

  const PAGES = globSync('{*.md,{docs,src,simulator,test,bench,tools,clients,deploy,examples}/**/*.md}', { cwd: ROOT })
    .filter((file) => !/node_modules|\.venv/.test(file))
    .sort();
  /** Decisions and the changelog are history: they name the files of their time. */
  const isHistory = (file: string) => /^docs\/decisions\/|^CHANGELOG\.md$/.test(file);
  /** Paths from the root that are not part of a longer path, and not in the source of Waldur itself. */
  const PATHS = /(?<![\w/@.-])(?:src|test|simulator|tools|bench|schema|openapi|bin)\/(?!waldur_)[\w./-]*\w/g;

  it.each(PAGES)('the links of %s exist, and their anchors', (file) => {
    const missing = linksOf(read(file)).filter((link) => {
      const [target = '', anchor] = link.split('#');
      const linked = target === '' ? file : path.join(path.dirname(file), target);
      if (!existsSync(path.join(ROOT, linked))) return true;
      return anchor !== undefined && linked.endsWith('.md') && !anchorsOf(read(linked)).has(anchor);
    });
    expect(missing).toEqual([]);
  });

  it.each(PAGES.filter((file) => !isHistory(file)))('the source files that %s names exist', (file) => {
    const named = [...read(file).matchAll(PATHS)].map(([found]) => found);
    const missing = named.filter((found) => !existsSync(path.join(ROOT, found)));
    expect(missing).toEqual([]);
  });
});

describe('docs/errors.md', () => {
  it('lists every code and no other', () => {
    const listed = [...read('docs/errors.md').matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code);
    expect(listed).toEqual([...ERROR_CODES]);
  });
});

describe('docs/rest-to-graphql.md', () => {
  const rows = tableOf('docs/rest-to-graphql.md', 'endpoints');
  const schema = buildSchema(read('schema/printed/schema.graphql'));
  const fields = rows.flatMap(([, named = '']) => named.split(', '));

  it('has a row for each endpoint that the gateway uses', () => {
    const [paths = ''] = (read('openapi/waldur.yaml').split(/^paths:$/m)[1] ?? '').split(/^\w+:$/m);
    const endpoints = paths.split(/^ {2}(?=\/)/m).flatMap((part) => {
      const [endpoint = ''] = part.split(':\n');
      return [...part.matchAll(/^ {4}(get|put|post|patch|delete):$/gm)].map(
        ([, verb = '']) => `${verb.toUpperCase()} ${endpoint}`,
      );
    });
    expect(endpoints.length).toBeGreaterThan(20);
    const listed = rows.map(([endpoint]) => endpoint);
    expect(endpoints.filter((endpoint) => !listed.includes(endpoint))).toEqual([]);
    expect(
      listed.filter((endpoint) => /^[A-Z]+ \S+$/.test(endpoint ?? '') && !endpoints.includes(endpoint ?? '')),
    ).toEqual([]);
  });

  it('names fields of the schema, and each field of the root types', () => {
    const unknown = fields.filter((named) => {
      const [type = '', field = ''] = named.split('.');
      const found = schema.getType(type);
      return !isObjectType(found) || found.getFields()[field] === undefined;
    });
    expect(unknown).toEqual([]);
    const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap((type) =>
      Object.keys(type?.getFields() ?? {}).map((field) => `${type?.name}.${field}`),
    );
    expect(roots.filter((field) => !fields.includes(field))).toEqual([]);
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

describe('the data that the demo users see', () => {
  // A frozen world, so that the counts do not depend on the time that earlier tests took.
  const still = useGateway({}, { simulator: { frozen: true } }, 'made-up');
  const users = () => still().simulator.tokens();

  const countFor = async (token: string, filter = ''): Promise<JsonValue | undefined> => {
    const headers = { authorization: `Token ${token}` };
    const { data } = await still().query(`{ snapshots${filter} { totalCount } }`, { as: null, headers });
    return at(data, 'snapshots', 'totalCount');
  };

  it('matches README.md for the demo user', async () => {
    const said =
      /demo user `(\w+)`,[^`]*`\w+` sees\s(\d+) of the (\d+) snapshots at first and (\d+) a minute later,[^:]*: (\d+) at first/;
    const [, username, seen, all, later, settled] = said.exec(read('README.md')) ?? [];
    const token = users().find((user) => user.username === username)?.token ?? '';
    expect(OWNER).toBe(`Token ${token}`);
    const page = await (await fetch(still().url, { headers: { accept: 'text/html' } })).text();
    expect(page).toContain(`"users":[{"username":"${username}","role":"owner","token":"${token}"`);
    expect(await countFor(token)).toBe(Number(seen));
    expect(await countFor(token, '(filter: { state: [OK, ERRED] })')).toBe(Number(settled));
    expect(await countFor(users().find(({ role }) => role === 'staff')?.token ?? '')).toBe(Number(all));
    still().simulator.clock.advance(60_000 * DEFAULT_OPTIONS.scale);
    expect(await countFor(token)).toBe(Number(later));
  });

  it('matches the response to the first query in README.md', async () => {
    const blocks = blocksOf(read('README.md'));
    const shown = blocks.findIndex(({ language }) => language === 'json response');
    const output = await outputOf('sh', blocks[shown - 1]?.text ?? '', still());
    expect(JSON.parse(output)).toEqual(JSON.parse(blocks[shown]?.text ?? ''));
  });

  it('matches the list in simulator/README.md', async () => {
    const rows = users().map(async ({ username, role, token }) => [
      username,
      role,
      String(await countFor(token)),
      token,
    ]);
    expect(tableOf('simulator/README.md', 'users')).toEqual(await Promise.all(rows));
  });
});
