import { readFileSync } from 'node:fs';
import { ROOT } from '../run.ts';
import { builtByGo, call, type Found, VALIDATORS } from './programs.ts';
import { judge, type Outcome, skipped } from './proof.ts';
import { composeProblems } from './schemas.ts';

export const COMPOSE = `${ROOT}deploy/compose/compose.yaml`;
const SETTINGS = { WALDUR_API_URL: 'https://waldur.example.org', CURSOR_KEY: 'sixteen-characters-or-more' };

/** The compose file by the schema of the Compose Specification. */
export const checkComposeSchema = (): Outcome =>
  judge(composeProblems(readFileSync(COMPOSE, 'utf8')), 'Compose Specification');

/** The compose file as Docker reads it: by `docker compose config` where that is installed, otherwise by the library that it uses. */
export function checkCompose(found?: Found): Outcome {
  if (found === undefined && call('docker', ['compose', 'version']).status === 0) {
    const { status, stderr } = call('docker', ['compose', '-f', COMPOSE, 'config', '--quiet'], SETTINGS);
    return judge(status === 0 ? [] : [stderr.trim()], 'docker compose config');
  }
  const validator = found ?? builtByGo(VALIDATORS);
  if ('missing' in validator) return skipped(`docker compose is not installed, and ${validator.missing}`);
  const { status, stderr } = call(validator.file, ['compose', COMPOSE], SETTINGS);
  if (status !== 0) return judge([stderr.trim()], '');
  // Without its required settings it must not start.
  const refused = call(validator.file, ['compose', COMPOSE], { ...SETTINGS, CURSOR_KEY: '' });
  return judge(
    refused.status === 0 ? ['it is accepted without CURSOR_KEY'] : [],
    'compose-go, the library of docker compose',
  );
}
