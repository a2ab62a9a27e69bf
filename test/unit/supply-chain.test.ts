import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { judgeLock } from '../../tools/supply-chain/lock.ts';
import { judgeAudit, judgeSignatures } from '../../tools/supply-chain/npm.ts';

const NPMRC = '# why\nignore-scripts=true\n';
const integrity = `sha512-${'A'.repeat(86)}==`;
const lock = (packages: object) => ({ packages: { '': { version: '1.0.0' }, ...packages } });
const good = lock({ 'node_modules/a': { version: '1.2.3', integrity } });

describe('a lock file', () => {
  it('is valid with hashes, exact versions and scripts disabled', () => {
    const report = judgeLock({ dependencies: { a: '1.2.3', b: 'npm:@c/b@2.0.0-rc.1' } }, good, NPMRC);
    expect(report).toEqual({ findings: [], withScripts: [], packages: 1 });
  });

  it.each(['^1.2.3', '~1.2.3', '1.x', '>=1.2.3', 'latest', '*', '', 'git+https://example.org/a.git', 'file:../a'])(
    'a direct dependency at "%s" is a finding',
    (range) => {
      for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies']) {
        expect(judgeLock({ [kind]: { a: range } }, good, NPMRC).findings).toEqual([
          `${kind}: a is "${range}", which is no exact version`,
        ]);
      }
    },
  );

  it('a package without a hash, or with a weak one, is a finding', () => {
    const packages = { 'node_modules/a': {}, 'node_modules/b': { integrity: 'sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA=' } };
    expect(judgeLock({}, lock(packages), NPMRC).findings).toEqual([
      'node_modules/a has no integrity',
      'node_modules/b has no SHA-512 integrity',
    ]);
  });

  it('a package from anywhere but HTTPS is a finding', () => {
    const packages = { 'node_modules/a': { integrity, resolved: 'http://example.org/a.tgz' } };
    expect(judgeLock({}, lock(packages), NPMRC).findings).toEqual([
      'node_modules/a comes from http://example.org/a.tgz',
    ]);
  });

  it('links and bundled packages need no hash of their own', () => {
    const packages = { 'node_modules/l': { link: true }, 'node_modules/a/node_modules/b': { inBundle: true } };
    expect(judgeLock({}, lock(packages), NPMRC)).toMatchObject({ findings: [], packages: 1 });
  });

  it('a direct dependency may be a linked folder of the repository', () => {
    const packages = { 'node_modules/l': { link: true }, 'node_modules/a': { version: '1.2.3', integrity } };
    expect(judgeLock({ dependencies: { l: 'file:../l' } }, lock(packages), NPMRC).findings).toEqual([]);
    expect(judgeLock({ dependencies: { l: '../l' } }, lock(packages), NPMRC).findings).toHaveLength(1);
  });

  it('install scripts are listed, and are a finding when they may run', () => {
    const packages = lock({ 'node_modules/a': { integrity, hasInstallScript: true } });
    expect(judgeLock({}, packages, NPMRC)).toMatchObject({ findings: [], withScripts: ['node_modules/a'] });
    expect(judgeLock({}, packages, 'ignore-scripts=false').findings).toHaveLength(1);
    expect(judgeLock({}, packages, '# ignore-scripts=true').findings).toHaveLength(1);
  });

  it('without packages is not a lock file', () => {
    expect(judgeLock({}, {}, NPMRC).findings).toEqual(['the lock file names no package']);
  });
});

describe('npm audit', () => {
  const audit = (severity: string) =>
    judgeAudit(JSON.stringify({ vulnerabilities: { a: { severity, range: '<2' } }, metadata: {} }));

  it('no known vulnerability passes', () => {
    expect(judgeAudit('{"vulnerabilities":{}}')).toEqual({ kind: 'ok', note: 'no known holes' });
  });

  it.each(['high', 'critical'])('a %s vulnerability fails', (severity) => {
    expect(audit(severity)).toEqual({ kind: 'failed', findings: [`a <2: ${severity}`] });
  });

  it.each(['info', 'low', 'moderate'])('a %s vulnerability is reported', (severity) => {
    expect(audit(severity)).toEqual({ kind: 'ok', note: `none of them high: a <2: ${severity}` });
  });
});

describe('npm audit signatures', () => {
  it('no invalid and no missing signature passes', () => {
    expect(judgeSignatures('{"invalid":[],"missing":[]}')).toMatchObject({ kind: 'ok' });
  });

  it('an invalid or missing signature fails', () => {
    const output = { invalid: [{ name: 'a', version: '1.0.0' }], missing: [{ name: 'b', version: '2.0.0' }] };
    expect(judgeSignatures(JSON.stringify(output))).toEqual({
      kind: 'failed',
      findings: ['a@1.0.0 has a wrong signature', 'b@2.0.0 has no signature'],
    });
  });

  it('an expired key fails, because it concerns the packages', () => {
    const error = { code: 'EEXPIREDSIGNATUREKEY', summary: 'a@1.0.0 has an expired key' };
    expect(judgeSignatures(JSON.stringify({ error }))).toEqual({ kind: 'failed', findings: [error.summary] });
  });
});

describe.each([
  ['npm audit', judgeAudit],
  ['npm audit signatures', judgeSignatures],
])('%s, when the registry is unreachable', (_name, judge) => {
  it.each([
    { message: '405 Method Not Allowed', statusCode: 405, error: { summary: '' } },
    { message: '404 Not Found', statusCode: 404 },
    { error: { code: 'ENOTFOUND', summary: 'getaddrinfo' } },
    { error: { code: 'E404', summary: 'Not Found' } },
    { error: { code: null, summary: 'found no dependencies to audit that were installed from a supported registry' } },
  ])('%j is skipped', (output) => {
    expect(judge(JSON.stringify(output))).toMatchObject({ kind: 'skipped', reason: expect.stringMatching(/./) });
  });

  it.each(['', 'npm ERR!', '{}', '{"error":{"code":"EUSAGE"}}'])('%j fails: the reason is unknown', (output) => {
    expect(judge(output).kind).toBe('failed');
  });
});

describe('workflows', () => {
  it('pin each action by commit, and name its version', () => {
    const files = globSync(`${import.meta.dirname}/../../.github/workflows/*.yml`);
    const used = files.flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/\buses: *(.*)$/gm)].map(([, what]) => what),
    );
    expect(used.length).toBeGreaterThan(0);
    for (const what of used) expect(what).toMatch(/^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });
});
