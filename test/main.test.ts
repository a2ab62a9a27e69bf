import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { SETTINGS } from '../src/config.ts';

/** The process itself: what it prints, how it ends. */
const ROOT = path.resolve(import.meta.dirname, '..');
const running = new Set<ReturnType<typeof spawn>>();
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
});

function start(env: Record<string, string>, ...args: string[]) {
  const child = spawn(process.execPath, ['bin/run.mjs', ...(args.length > 0 ? args : ['src/main.ts'])], {
    cwd: ROOT,
    env: {
      PATH: process.env.PATH ?? '',
      LOG_LEVEL: 'silent',
      PORT: '0',
      SIMULATOR_PORT: '0',
      SIMULATOR_ACTIVITY: 'false',
      DRAIN_DELAY_MS: '0',
      ...env,
    },
  });
  running.add(child);
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, out, err })),
  );
  const printed = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(out)?.[1];
        if (found !== undefined) resolve(found);
      };
      child.stdout.on('data', look);
      child.once('close', () => reject(new Error(`ended without printing ${pattern}: ${out}${err}`)));
      look();
    });
  return { child, ended, printed };
}

describe('with nothing configured', () => {
  it('prints its URLs and demo users, answers queries, and ends on SIGTERM', async () => {
    const { child, ended, printed } = start({});
    const url = await printed(/GraphQL\s+(http:\S+)/);
    const token = await printed(/owner\s+owner\s+([0-9a-f]{40})/);
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Token ${token}` },
      body: '{"query": "{ viewer { username } }"}',
    });
    expect(await response.json()).toEqual({ data: { viewer: { username: 'owner' } } });
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
  });
});

describe('the banner', () => {
  it('fits on one screen: the version, what is served, demo users as a table, three things to try', async () => {
    const { child, ended, printed } = start({});
    await printed(/(npm run demo:live)/);
    child.kill('SIGTERM');
    const { out, err } = await ended;
    const lines = out.trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(24);
    expect(lines[0]).toMatch(/^Waldur snapshots gateway \d+\.\d+\.\d+$/);
    expect(lines.slice(1, 5)).toEqual([
      expect.stringMatching(/^ {2}Explorer {2}http:\/\/127\.0\.0\.1:\d+\/$/),
      expect.stringMatching(/^ {2}Dashboard http:\/\/127\.0\.0\.1:\d+\/live$/),
      expect.stringMatching(/^ {2}GraphQL {3}http:\/\/127\.0\.0\.1:\d+\/graphql$/),
      expect.stringMatching(
        /^ {2}Waldur {4}http:\/\/127\.0\.0\.1:\d+\/api\/ \(embedded: version 2026, waits divided by 6\)$/,
      ),
    ]);
    const columns = lines.slice(6, 18).map((line) => line.search(/Token,|[0-9a-f]{40}$/));
    expect(new Set(columns).size).toBe(1);
    expect(lines.slice(lines.indexOf('Try:') + 1)).toHaveLength(3);
    expect(err).toBe('');
  });

  it('its command for the shell runs', async () => {
    const { printed } = start({});
    const command = await printed(/^ +(curl .*)$/m);
    const { stdout } = await promisify(execFile)('bash', ['-c', command.replace('curl', 'curl -s')]);
    expect(JSON.parse(stdout)).toEqual({ data: { snapshots: { totalCount: expect.any(Number) } } });
  });

  it('names a real Waldur, and not what is switched off', async () => {
    const { printed, child, ended } = start({
      WALDUR_API_URL: 'http://127.0.0.1:9',
      EXPLORER: 'false',
      DASHBOARD: 'false',
    });
    await printed(/(Try:)/);
    child.kill('SIGTERM');
    const { out } = await ended;
    expect(out).toMatch(/^ {2}Waldur {4}http:\/\/127\.0\.0\.1:9/m);
    expect(out).not.toMatch(/Explorer|Dashboard|demo|embedded/);
  });
});

describe('the command line', () => {
  it('--version and --help print and end', async () => {
    const { version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
    const shown = await start({}, 'src/main.ts', '--version').ended;
    expect(shown).toEqual({ code: 0, out: `${version}\n`, err: '' });
    const help = await start({}, 'src/main.ts', '--help').ended;
    expect([help.code, help.err]).toEqual([0, '']);
    for (const { variable } of Object.values(SETTINGS)) expect(help.out).toContain(`\n  ${variable} `);
  });

  it('an unknown option is one line', async () => {
    const { code, err } = await start({}, 'src/main.ts', '--port').ended;
    expect([code, err]).toEqual([1, expect.stringMatching(/^Unknown option '--port'.*--help.*\n$/)]);
  });

  it('npm start reads .env, and the environment is stronger', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'env-'));
    try {
      const file = path.join(folder, '.env');
      const option = `--dotenv=${file}`;
      writeFileSync(file, '# a comment\nPORT=eighty\n');
      const spawned = spawn(process.execPath, ['bin/run.mjs', option, 'src/main.ts'], {
        cwd: ROOT,
        env: { PATH: process.env.PATH ?? '' },
      });
      let err = '';
      spawned.stderr.on('data', (chunk) => {
        err += chunk;
      });
      await once(spawned, 'close');
      expect(err).toContain('got "eighty"');
      const { printed } = start({}, option, 'src/main.ts');
      expect(await printed(/GraphQL\s+(http:\S+)/)).toContain('127.0.0.1');
      const without = start({}, `--dotenv=${file}.absent`, 'src/main.ts', '--version');
      expect(await without.ended).toEqual({ code: 0, out: expect.any(String), err: '' });
      const { scripts } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
      expect(scripts.start).toContain(' --dotenv=.env src/main.ts');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('a failed startup is one line and exit code 1', () => {
  it.each([
    ['a wrong port', { PORT: 'eighty' }, /^PORT must be an integer from 0 to 65535, got "eighty"\.\n$/],
    ['a wrong address of Waldur', { WALDUR_API_URL: 'waldur' }, /^WALDUR_API_URL must be .*\n$/],
    [
      'an address that is not this machine',
      { HOST: '203.0.113.1' },
      /^HOST must be an address of this machine, got "203\.0\.113\.1"\.\n$/,
    ],
    [
      'a name that nobody has',
      { HOST: 'nobody.invalid' },
      /^HOST must be an address of this machine, got "nobody\.invalid"\.\n$/,
    ],
  ])('%s', async (_name, env, line) => {
    const { code, err } = await start(env).ended;
    expect(code).toBe(1);
    expect(err).toMatch(line);
  });

  it('a port in use', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? String(address.port) : '';
    const { code, err } = await start({ PORT: port }).ended;
    server.close();
    expect(code).toBe(1);
    expect(err).toMatch(new RegExp(`^Port ${port} is in use\\..*\n$`));
  });

  it.each([{ CURSOR_KEY: 'hunter2' }, { WALDUR_API_URL: 'https://me:hunter2@waldur.example.org' }])(
    'a secret is not repeated: %j',
    async (env) => {
      const { code, err } = await start(env).ended;
      expect(code).toBe(1);
      expect(err).not.toContain('hunter2');
    },
  );
});

describe('an upstream that cannot be reached', () => {
  it('is "not ready", and does not end the process', async () => {
    const { printed } = start({ WALDUR_API_URL: 'http://127.0.0.1:9' });
    const url = (await printed(/GraphQL\s+(http:\S+)\/graphql/)).trim();
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    expect((await fetch(`${url}/health/ready`)).status).toBe(503);
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Token x' },
      body: '{"query": "{ snapshots { totalCount } }"}',
    });
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'UPSTREAM_UNAVAILABLE' } }] });
  });
});

it('bin/run.mjs without a file prints its usage', async () => {
  const child = spawn(process.execPath, ['bin/run.mjs'], { cwd: ROOT });
  const code = await new Promise((resolve) => child.once('close', resolve));
  expect(code).toBe(1);
});

it('the compile cache survives a killed process', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'run-'));
  try {
    cpSync(path.join(ROOT, 'bin'), path.join(folder, 'bin'), { recursive: true });
    writeFileSync(path.join(folder, 'entry.mts'), 'setInterval((): void => {}, 1_000);\nconsole.log("started");\n');
    const child = spawn(process.execPath, ['bin/run.mjs', 'entry.mts'], { cwd: folder, env: {} });
    running.add(child);
    const cache = path.join(folder, 'node_modules/.cache/node-compile');
    await expect.poll(() => globSync('*/*', { cwd: cache }).length, { timeout: 10_000 }).toBeGreaterThan(0);
    expect(child.exitCode).toBeNull();
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  } finally {
    rmSync(folder, { recursive: true, maxRetries: 3 });
  }
});
