import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readDataset } from '../../simulator/dataset.ts';
import { READING, WRITING } from '../../tools/conformance/checks/index.ts';
import { idsOf, reportOf, run } from './support/cli.ts';
import { failedIn, judge, startWaldur } from './support/waldur.ts';

const DATASET = fileURLToPath(new URL('../recordings/dataset.json', import.meta.url));

/** What a world or version has nothing to show for; anything else that is skipped is a mistake. */
const NOT_THERE = {
  '2026': { spelling: 'upper', skipped: ['volume.without-type'] },
  '2024': {
    spelling: 'words',
    skipped: [
      'volume.without-type',
      // The column that names backups came in 2026, marks by staff in 8.0.0.
      'filter.snapshot-backup_uuid',
      'filter.snapshot-backup',
      'set-erred.done',
      'set-ok.done',
    ],
  },
};

describe.each(['2024', '2026'] as const)('the embedded Waldur of %s', (waldur) => {
  it('passes every check, and is left unchanged', async () => {
    const result = await run('--waldur', waldur, '--destructive', '--json');
    const report = reportOf(result);
    const { spelling, skipped } = NOT_THERE[waldur];
    expect(idsOf(report, 'FAIL')).toEqual([]);
    expect(idsOf(report, 'skip')).toEqual(skipped);
    expect(report.checks).toHaveLength(READING.length + WRITING.length);
    expect(report.spelling).toBe(spelling);
    expect(report.left).toEqual([expect.stringMatching(/^volume "conformance-.*-restored" .* was unlinked/)]);
    expect(result).toMatchObject({ code: 0, err: '' });
  });
});

describe('the recorded data', () => {
  it('passes every check for each user who sees objects', async () => {
    const dataset = readDataset(JSON.parse(readFileSync(DATASET, 'utf8')));
    const waldur = await startWaldur({ waldur: '2024', dataset });
    for (const username of ['staff', 'owner1', 'member1', 'admin3']) {
      const outcome = await judge(waldur, { username });
      expect([username, failedIn(outcome)]).toEqual([username, []]);
      expect(outcome.results.filter(({ verdict }) => verdict === 'pass').length).toBeGreaterThan(130);
    }
  });
});

describe('the table', () => {
  it('has a line for each reading check, and the number of checks that were not made', async () => {
    const { code, out } = await run();
    expect(code).toBe(0);
    expect(out.match(/^(?:pass|skip) +\d+ +[\d.]+ +[a-z-]+\.\S+ +\S.*\.$/gm)).toHaveLength(READING.length);
    expect(out).toMatch(/^skip .* volume\.without-type .*\n +the caller sees no volume without type$/m);
    expect(out).toContain('User: owner');
    const [, notMade] = /^\d+ passed, 0 failed, \d+ skipped; (\d+) writing checks did not run/m.exec(out) ?? [];
    expect(Number(notMade)).toBe(WRITING.length);
  });
});
