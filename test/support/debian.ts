import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/**
 * A program of Debian's; installed when this is a Debian with root, as on a fresh machine of CI.
 * @param what is named when it has to be skipped.
 * @returns false, and says so, where it can neither be found nor installed.
 */
export function hasProgram(what: string, file: string, ...packages: readonly string[]): boolean {
  if (existsSync(file)) return true;
  const reason = install(file, packages);
  if (reason === undefined) return true;
  console.warn(`\nSKIPPED: ${what}\n  There is no ${file}: ${reason}\n`);
  return false;
}

/** @returns why it could not be installed; undefined when it was. */
function install(file: string, packages: readonly string[]): string | undefined {
  if (!existsSync('/etc/debian_version')) return 'this is not Debian, where it could be installed.';
  if (process.getuid?.() !== 0) return `only root may install it (apt-get install ${packages.join(' ')}).`;
  const command = `apt-get update && apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  const { status, stderr } = spawnSync('sh', ['-c', command], {
    // Whatever is installed is started by tests, and not before.
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
    encoding: 'utf8',
    timeout: 300_000,
  });
  if (existsSync(file)) return undefined;
  return `apt-get could not install it (status ${status}): ${stderr.trim().split('\n').at(-1) ?? ''}`;
}
