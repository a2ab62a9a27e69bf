/** Evaluates `npm audit --json` and `npm audit signatures --json`. */

export type Verdict =
  | { readonly kind: 'ok'; readonly note: string }
  /** The registry does not offer the requested check: no finding, but nothing was checked either. */
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'failed'; readonly findings: readonly string[] };

/** Errors that say that an endpoint is not there or cannot be reached, and nothing about a package. */
const ABSENT = new Set([
  'ENOTFOUND',
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ERR_SOCKET_TIMEOUT',
]);

interface Failure {
  readonly message?: string;
  readonly statusCode?: number;
  readonly error?: { readonly code?: string | null; readonly summary?: string };
}

/** Why the registry could not be reached; undefined for any other failure. */
function absence({ message, statusCode, error }: Failure): string | undefined {
  if (statusCode !== undefined && statusCode >= 400) return message ?? `HTTP ${statusCode}`;
  const code = error?.code ?? '';
  const summary = error?.summary ?? '';
  if (ABSENT.has(code) || /^E[45]\d\d$/.test(code)) return summary.split('\n')[0] ?? code;
  // A registry without keys of its own.
  if (summary.includes('found no dependencies to audit that were installed from a supported registry')) return summary;
  return undefined;
}

function read<Shape>(output: string): Shape | undefined {
  try {
    return JSON.parse(output) as Shape;
  } catch {
    return undefined;
  }
}

const unreadable = (output: string): Verdict => ({
  kind: 'failed',
  findings: [`npm said nothing that can be read: ${output.trim().slice(0, 200) || '(nothing at all)'}`],
});

const GRAVE: ReadonlySet<string> = new Set(['high', 'critical']);

interface Audit extends Failure {
  readonly vulnerabilities?: Readonly<Record<string, { readonly severity: string; readonly range?: string }>>;
}

/** Known vulnerabilities. High and critical ones are failures, others are printed. */
export function judgeAudit(output: string): Verdict {
  const audit = read<Audit>(output);
  if (audit === undefined) return unreadable(output);
  if (audit.vulnerabilities === undefined) {
    const reason = absence(audit);
    return reason === undefined ? unreadable(output) : { kind: 'skipped', reason };
  }
  const all = Object.entries(audit.vulnerabilities).map(([name, { severity, range = '' }]) => ({
    severity,
    text: `${name} ${range}: ${severity}`,
  }));
  const grave = all.filter(({ severity }) => GRAVE.has(severity)).map(({ text }) => text);
  if (grave.length > 0) return { kind: 'failed', findings: grave };
  const lesser = all.map(({ text }) => text).join('; ');
  return { kind: 'ok', note: lesser === '' ? 'no known holes' : `none of them high: ${lesser}` };
}

interface Signatures extends Failure {
  readonly invalid?: readonly { readonly name: string; readonly version: string }[];
  readonly missing?: readonly { readonly name: string; readonly version: string }[];
}

/** Signatures of the registry on what is installed: a wrong one fails, and so does none where the registry signs. */
export function judgeSignatures(output: string): Verdict {
  const signatures = read<Signatures>(output);
  if (signatures === undefined) return unreadable(output);
  const { invalid, missing } = signatures;
  if (invalid === undefined || missing === undefined) {
    const reason = absence(signatures);
    if (reason !== undefined) return { kind: 'skipped', reason };
    const summary = signatures.error?.summary;
    return summary === undefined ? unreadable(output) : { kind: 'failed', findings: [summary] };
  }
  const findings = [
    ...invalid.map(({ name, version }) => `${name}@${version} has a wrong signature`),
    ...missing.map(({ name, version }) => `${name}@${version} has no signature`),
  ];
  return findings.length > 0 ? { kind: 'failed', findings } : { kind: 'ok', note: 'every signature is right' };
}
