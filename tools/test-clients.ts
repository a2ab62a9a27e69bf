/**
 * Runs the tests of the examples and of other clients, one after the other, each against a gateway that its test starts:
 *
 *     npm run test:clients [-- NAME ...]
 *
 * Installs what a client needs when its lock file has changed. Exits with 1 if a test fails. A client whose program is missing on this
 * machine prints `SKIPPED: REASON` and is listed as skipped.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './run.ts';

interface Outcome {
  readonly name: string;
  readonly result: string;
  readonly seconds: number;
}

const LIBRARY = 'clients/live';

/** Runs npm in a folder and shows its output. @returns the reason why nothing was tested, if it gives one. @throws when it fails. */
async function npm(folder: string, ...args: string[]): Promise<string | undefined> {
  const child = spawn('npm', args, {
    cwd: path.join(ROOT, folder),
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PATH: `${ROOT}node_modules/.bin:${process.env.PATH ?? ''}` },
  });
  let printed = '';
  child.stdout.on('data', (chunk) => {
    process.stdout.write(chunk);
    printed += String(chunk);
  });
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (status !== 0) throw new Error(`npm ${args.join(' ')} failed in ${folder}`);
  return /^SKIPPED: (.*)$/m.exec(printed)?.[1];
}

/** Installs the packages of a folder, unless those of its lock file are there. */
async function install(folder: string): Promise<void> {
  const lock = path.join(ROOT, folder, 'package-lock.json');
  if (!existsSync(lock)) return;
  const installed = path.join(ROOT, folder, 'node_modules/.installed');
  const hash = createHash('sha256').update(readFileSync(lock)).digest('hex');
  if (existsSync(installed) && readFileSync(installed, 'utf8') === hash) return;
  await npm(folder, 'ci');
  writeFileSync(installed, hash);
}

async function test(folder: string): Promise<Outcome> {
  const name = path.basename(folder);
  const start = performance.now();
  const outcome = (result: string): Outcome => ({ name, result, seconds: (performance.now() - start) / 1_000 });
  console.log(`\n--- ${name}`);
  try {
    await install(folder);
    const skipped = await npm(folder, 'test');
    return outcome(skipped === undefined ? 'passed' : `skipped: ${skipped}`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return outcome('FAILED');
  }
}

const folders = globSync(['examples/*/package.json', 'test/clients/*/package.json'], { cwd: ROOT })
  .map((file) => path.dirname(file))
  .sort();
const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !folders.some((folder) => path.basename(folder) === name));
if (unknown.length > 0) {
  console.error(
    `There is no client ${unknown.join(', ')}. There are: ${folders.map((one) => path.basename(one)).join(', ')}`,
  );
  process.exitCode = 1;
} else {
  const selected = folders.filter((folder) => chosen.length === 0 || chosen.includes(path.basename(folder)));
  const usesLibrary = (folder: string): boolean =>
    readFileSync(path.join(ROOT, folder, 'package.json'), 'utf8').includes(`"file:../../${LIBRARY}"`);
  if (selected.some(usesLibrary)) await npm(LIBRARY, 'run', 'build');
  const outcomes: Outcome[] = [];
  for (const folder of selected) outcomes.push(await test(folder));
  console.log('');
  for (const { name, result, seconds } of outcomes) {
    console.log(`${name.padEnd(18)} ${`${seconds.toFixed(1)} s`.padStart(8)}  ${result}`);
  }
  process.exitCode = outcomes.some(({ result }) => result === 'FAILED') ? 1 : 0;
}
