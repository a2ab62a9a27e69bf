import { expect, it } from 'vitest';
import { CLIENT_LEFT, RequestLog } from '../../../src/observability/request-log.ts';

it.each([
  ['a client that disconnects is no error, so its line counts', CLIENT_LEFT, 1],
  ['lines with an error are always written', 500, 3],
])('with one line a second: %s', (_name, status, expected) => {
  const written: object[] = [];
  const info = (details: object): void => void written.push(details);
  const log = new RequestLog({ debug: info, info }, 1);
  for (const requestId of ['first', 'second', 'third'])
    log.request({ requestId, method: 'POST', route: '/graphql', status, ms: 1.4 }, undefined, false);
  expect(written).toHaveLength(expected);
  expect(written[0]).toMatchObject({ requestId: 'first', status, ms: 1 });
});
