import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('the demonstration follows a restore from CREATION_SCHEDULED to OK and then ends', async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['bin/run.mjs', 'tools/demo-live.ts'], {
    cwd: new URL('../..', import.meta.url),
    timeout: 50_000,
  });
  expect(stderr).toBe('');
  const progress = stdout.split('\n').filter((line) => line.includes('restoreProgress'));
  expect(progress[0]).toMatch(/INITIAL +CREATION_SCHEDULED$/);
  expect(progress.at(-2)).toMatch(/STATE_CHANGED +CREAT\w+ -> OK, settled$/);
  expect(progress.at(-1)).toMatch(/complete$/);
  expect(stdout).toMatch(/snapshotChanges +STATE_CHANGED +OK -> UPDATE_SCHEDULED/);
  expect(stdout).toMatch(/client +restoreSnapshot\(/);
  expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
});
