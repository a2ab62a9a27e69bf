/** Checks a package.json and its lock file offline. */

export interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
  /** A folder of the repository, not of a registry. */
  readonly link?: boolean;
  readonly inBundle?: boolean;
}

export interface Lock {
  readonly packages?: Readonly<Record<string, LockedPackage>>;
}

export interface Report {
  /** Findings. Each one is a failure. */
  readonly findings: readonly string[];
  /** Packages that would run a script when they are installed, if .npmrc let them. */
  readonly withScripts: readonly string[];
  /** Packages that come from a registry. */
  readonly packages: number;
}

const EXACT = /^(?:npm:@?[\w./-]+@)?\d+\.\d+\.\d+(?:-[\w.-]+)?(?:\+[\w.-]+)?$/;
const STRONG = /\bsha512-[A-Za-z0-9+/]{86}==/;
const KINDS = ['dependencies', 'devDependencies', 'optionalDependencies'] as const;

/** @param npmrc content of the .npmrc next to the lock file. */
export function judgeLock(manifest: Manifest, lock: Lock, npmrc: string): Report {
  const findings: string[] = [];
  for (const kind of KINDS) {
    for (const [name, range] of Object.entries(manifest[kind] ?? {})) {
      // A folder of this repository is linked, so it has no version of its own.
      const isLinked = range.startsWith('file:') && lock.packages?.[`node_modules/${name}`]?.link === true;
      if (!EXACT.test(range) && !isLinked) findings.push(`${kind}: ${name} is "${range}", which is no exact version`);
    }
  }
  // The empty path is the project itself, paths without node_modules are its folders.
  const registered = Object.entries(lock.packages ?? {}).filter(
    ([path, { link }]) => path.includes('node_modules/') && link !== true,
  );
  if (registered.length === 0) findings.push('the lock file names no package');
  for (const [path, { integrity, resolved, inBundle }] of registered) {
    if (inBundle === true) continue;
    if (integrity === undefined) findings.push(`${path} has no integrity`);
    else if (!STRONG.test(integrity)) findings.push(`${path} has no SHA-512 integrity`);
    if (resolved !== undefined && !resolved.startsWith('https://')) findings.push(`${path} comes from ${resolved}`);
  }
  if (!/^\s*ignore-scripts\s*=\s*true\s*$/m.test(npmrc)) {
    findings.push('.npmrc does not say ignore-scripts=true, so that packages may run scripts while they are installed');
  }
  const withScripts = registered.filter(([, { hasInstallScript }]) => hasInstallScript === true).map(([path]) => path);
  return { findings, withScripts, packages: registered.length };
}
