import { readFileSync } from 'node:fs';
import { arch, cpus, release, totalmem, type } from 'node:os';
import { isPinned } from './processes.ts';

/** What figures were measured on, in one line. */
export function describeMachine(): string {
  const [first] = cpus();
  const gib = Math.round(totalmem() / 2 ** 30);
  const pinning = isPinned ? 'the server under test alone on one core, load and upstream on another' : 'not pinned';
  return `${cpus().length} x ${first?.model.trim() ?? 'unknown CPU'} (${arch()}), ${gib} GiB, ${type()} ${release()}, Node ${process.versions.node}; ${pinning}.`;
}

/** Exact versions of the direct dependencies in a package.json. */
export function versionsIn(file: string): Readonly<Record<string, string>> {
  return (JSON.parse(readFileSync(file, 'utf8')) as { dependencies?: Record<string, string> }).dependencies ?? {};
}
