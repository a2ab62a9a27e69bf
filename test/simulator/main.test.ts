import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { client } from './support/client.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

/** Runs the simulator as a person does; resolves when it has ended, or when its output shows `until`. */
async function run(words: string[], until?: RegExp) {
  const child = spawn(process.execPath, ['bin/run.mjs', 'simulator/main.ts', ...words], { cwd: root });
  started.push(child);
  let [out, err] = ['', ''];
  const ended = once(child, 'exit').then(([code]) => code as number);
  const shown = new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      out += chunk;
      if (until?.test(out)) resolve();
    });
  });
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    err += chunk;
  });
  const code = await (until === undefined ? ended : Promise.race([ended, shown]));
  return { child, code, out, err, ended };
}

describe('npm run simulator', () => {
  it('prints its address and the users, serves, and ends on SIGTERM', async () => {
    const { child, out, ended } = await run(['--port', '0', '--snapshots', '30'], /Try: .*\n/);
    const url = /at (http:\/\/127\.0\.0\.1:\d+)\/api\//.exec(out)?.[1];
    const token = /^ {2}owner +owner +([0-9a-f]{40})$/m.exec(out)?.[1];
    for (const name of ['staff', 'support', 'owner', 'manager', 'admin', 'member', 'stranger'])
      expect(out).toContain(name);
    const answer = await fetch(`${url}/api/openstack-snapshots/?page_size=1`, {
      headers: { authorization: `Token ${token}`, accept: 'application/json' },
    });
    expect(answer.status).toBe(200);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });

  it('starts with a dataset', async () => {
    const words = ['--port', '0', '--frozen', '--waldur', '2024', '--dataset', 'test/recordings/dataset.json'];
    const { out } = await run(words, /Try: .*\n/);
    expect(out).toContain('2024, frozen');
    expect(out).toMatch(/^ {2}owner1 +owner/m);
  });

  it('prints help', async () => {
    const { code, out } = await run(['--help']);
    expect(code).toBe(0);
    expect(out).toContain('--dataset FILE');
  });

  it.each([
    [['--port', 'x'], /^simulator: --port must be an integer from 0 to 65535, got "x"\n$/],
    [['--nonsense'], /^simulator: Unknown option '--nonsense'.*\n$/],
    [['--dataset', 'nowhere.json'], /^simulator: --dataset: cannot read nowhere.json.*\n$/],
    [['--dataset', 'README.md'], /^simulator: --dataset: .*\n$/],
    [['--dataset', 'package.json'], /^simulator: --dataset: package.json is not a dataset: .*\n$/],
  ])('%j: one line and exit code 1', async (words, line) => {
    const { code, err, out } = await run(words);
    expect(code).toBe(1);
    expect(err).toMatch(line);
    expect(out).toBe('');
  });

  it('reports a port in use', async () => {
    const { simulator } = await client();
    const { code, err } = await run(['--port', String(simulator.port)]);
    expect(code).toBe(1);
    expect(err).toMatch(/^simulator: the port is in use: .*--port\n$/);
  });
});
