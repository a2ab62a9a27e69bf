/**
 * Checks the dependencies:
 *
 *     node bin/run.mjs tools/supply-chain.ts [--sbom FILE]
 *
 * known vulnerabilities (`npm audit`), signatures of the registry, lock files and install scripts. Exits with 1 on a finding. If the registry
 * does not offer a check, this is printed and is not a finding. Writes a software bill of materials (CycloneDX) to FILE (default tmp/sbom.json,
 * `-` for standard output).
 */
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from './run.ts';
import { judgeLock } from './supply-chain/lock.ts';
import { judgeAudit, judgeSignatures, type Verdict } from './supply-chain/npm.ts';

const { values } = parseArgs({ options: { sbom: { type: 'string', default: 'tmp/sbom.json' } } });

/** Standard output may be the bill of materials. */
const say = (line: string): void => console.error(line);

/** A registry without these services is detected quickly instead of after minutes of retries. */
const IMPATIENT = ['--fetch-retries=1', '--fetch-retry-mintimeout=1000', '--fetch-timeout=30000'];

const npm = (...args: string[]): Promise<string> =>
  new Promise((resolve) => {
    // npm also exits with 1 on findings, so its output is checked instead of its exit code.
    execFile('npm', [...args, ...IMPATIENT], { cwd: ROOT, maxBuffer: 2 ** 26 }, (_error, stdout) => resolve(stdout));
  });

let failed = false;

function report(name: string, verdict: Verdict): void {
  switch (verdict.kind) {
    case 'ok':
      say(`ok: ${name}: ${verdict.note}`);
      return;
    case 'skipped':
      say(`SKIPPED: ${name}: the registry does not offer this check (${verdict.reason})`);
      return;
    case 'failed':
      failed = true;
      for (const finding of verdict.findings) say(`FAILED: ${name}: ${finding}`);
  }
}

function checkLocks(): void {
  const { stdout } = spawnSync('git', ['ls-files', '*package-lock.json'], { cwd: ROOT, encoding: 'utf8' });
  for (const file of stdout.split('\n').filter((line) => line !== '')) {
    const folder = path.join(ROOT, path.dirname(file));
    const read = (name: string) => readFileSync(path.join(folder, name), 'utf8');
    const npmrc = existsSync(path.join(folder, '.npmrc')) ? read('.npmrc') : '';
    const { findings, withScripts, packages } = judgeLock(
      JSON.parse(read('package.json')),
      JSON.parse(read('package-lock.json')),
      npmrc,
    );
    for (const one of withScripts) say(`note: ${file}: the install script of ${one} is disabled`);
    if (findings.length > 0) report(file, { kind: 'failed', findings });
    else
      report(file, { kind: 'ok', note: `${packages} packages with hashes, direct dependencies with exact versions` });
  }
}

/** @throws SyntaxError when npm wrote no JSON. */
async function writeBill(target: string): Promise<void> {
  const text = await npm('sbom', '--sbom-format=cyclonedx', '--sbom-type=application', '--omit=dev');
  const { components } = JSON.parse(text) as { components: unknown[] };
  if (target === '-') {
    console.log(text);
  } else {
    mkdirSync(path.dirname(path.resolve(ROOT, target)), { recursive: true });
    writeFileSync(path.resolve(ROOT, target), text);
  }
  say(
    `ok: bill of materials: ${components.length} components, written to ${target === '-' ? 'the standard output' : target}`,
  );
}

checkLocks();
report('npm audit', judgeAudit(await npm('audit', '--omit=dev', '--json')));
report('npm audit signatures', judgeSignatures(await npm('audit', 'signatures', '--omit=dev', '--json')));
await writeBill(values.sbom);
process.exitCode = failed ? 1 : 0;
