import type { Clock } from './clock.ts';
import type { ControlContext } from './control-context.ts';
import { DatasetError, readDataset } from './dataset.ts';
import { ControlError, parseFault } from './faults.ts';
import type { Dataset } from './model.ts';
import { addOutside, changeOutside, dropOutside } from './outside.ts';
import { type Cloud, CloudError, type Kind, OPERATIONS } from './worker/cloud.ts';
import type { World } from './world.ts';

export interface Call {
  context: ControlContext;
  query: URLSearchParams;
  /** The path parameter: the group of the pattern. */
  part: string;
  /** The parsed JSON body. Undefined without a body. */
  body: unknown;
}

export interface Endpoint {
  method: string;
  /** The path without `/__sim`. A trailing slash is optional. */
  path: RegExp;
  /** The path as shown in the list of endpoints. */
  shown: string;
  does: string;
  status?: number;
  /** Returns the response body. @throws ControlError for an invalid request. */
  run(call: Call): unknown;
}

/** All periodic jobs within this time run before the response, so a longer time would block the caller. */
const LONGEST_ADVANCE_MS = 366 * 24 * 3_600_000;

const kindOf = (part: string): Kind => (part.startsWith('snapshots') ? 'snapshot' : 'volume');
const idOf = (part: string): string => part.split('/')[1] ?? '';

/** All control endpoints. Errors are ControlErrors. Return values are sent as JSON. */
export const ENDPOINTS: readonly Endpoint[] = [
  {
    method: 'GET',
    path: /^$/,
    shown: '',
    does: 'lists these endpoints',
    run: () => ENDPOINTS.map(({ method, shown, does }) => ({ method, path: `/__sim${shown}`, does })),
  },
  {
    method: 'GET',
    path: /^\/tokens$/,
    shown: '/tokens',
    does: 'lists the valid tokens',
    run: ({ context }) => context.tokens(),
  },
  {
    method: 'POST',
    path: /^\/tokens\/([^/]+)\/revoke$/,
    shown: '/tokens/{token}/revoke',
    does: 'revokes the token',
    run: ({ context, part }) => revoke(context, part),
  },
  {
    method: 'GET',
    path: /^\/stats$/,
    shown: '/stats',
    does: 'returns the numbers of API requests',
    run: ({ context }) => context.log.stats(),
  },
  {
    method: 'DELETE',
    path: /^\/stats$/,
    shown: '/stats',
    does: 'resets the numbers',
    run({ context }) {
      context.log.resetStats();
      return context.log.stats();
    },
  },
  {
    method: 'GET',
    path: /^\/requests$/,
    shown: '/requests?last=N',
    does: 'lists the last requests, oldest first',
    run: ({ context, query }) => context.log.last(count(query.get('last'))),
  },
  {
    method: 'GET',
    path: /^\/faults$/,
    shown: '/faults',
    does: 'lists the active fault rules',
    run: ({ context }) => context.faults.list(),
  },
  {
    method: 'POST',
    path: /^\/faults$/,
    shown: '/faults',
    does: 'adds a fault rule',
    run({ context, body }) {
      context.faults.add(parseFault(body));
      return context.faults.list();
    },
  },
  {
    method: 'DELETE',
    path: /^\/faults$/,
    shown: '/faults',
    does: 'removes all fault rules',
    run({ context }) {
      context.faults.clear();
      return context.faults.list();
    },
  },
  {
    method: 'GET',
    path: /^\/clock$/,
    shown: '/clock',
    does: 'returns the time of the world',
    run: ({ context }) => clockState(context.clock),
  },
  {
    method: 'POST',
    path: /^\/clock$/,
    shown: '/clock',
    does: 'changes the time: { frozen?, scale?, advanceMs? }',
    run: ({ context, body }) => setClock(context.clock, body),
  },
  {
    method: 'POST',
    path: /^\/dataset$/,
    shown: '/dataset',
    does: 'replaces the world with a dataset',
    run({ context, body }) {
      context.loadDataset(datasetIn(body));
      return sizes(context.world);
    },
  },
  {
    method: 'POST',
    path: /^\/reset$/,
    shown: '/reset',
    does: 'restores the initial world, or the dataset that was loaded last',
    run({ context }) {
      context.reset();
      return sizes(context.world);
    },
  },
  {
    method: 'POST',
    path: /^\/(snapshots|volumes)$/,
    shown: '/snapshots, /volumes',
    does: 'adds an object, as another client would',
    status: 201,
    run: ({ context, part, body }) => addOutside(context, kindOf(part), object(body)),
  },
  {
    method: 'PATCH',
    path: /^\/((?:snapshots|volumes)\/[^/]+)$/,
    shown: '/snapshots/{uuid}, /volumes/{uuid}',
    does: 'changes any field of an object',
    run: ({ context, part, body }) => changeOutside(context, kindOf(part), idOf(part), object(body)),
  },
  {
    method: 'DELETE',
    path: /^\/((?:snapshots|volumes)\/[^/]+)$/,
    shown: '/snapshots/{uuid}, /volumes/{uuid}',
    does: 'removes an object',
    run: ({ context, part }) => dropOutside(context, kindOf(part), idOf(part)),
  },
  {
    method: 'POST',
    path: /^\/cloud\/failures$/,
    shown: '/cloud/failures',
    does: 'makes operations of OpenStack fail: { operation, uuid?, times?, status?, message? }',
    run: ({ context, body }) => failCloud(context.cloud, object(body)),
  },
  {
    method: 'DELETE',
    path: /^\/cloud\/failures$/,
    shown: '/cloud/failures',
    does: 'removes all failures of OpenStack',
    run({ context }) {
      context.cloud.clearFailures();
      return {};
    },
  },
];

function object(body: unknown): Record<string, unknown> {
  if (body === undefined) return {};
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new ControlError(400, 'the body must be a JSON object');
  }
  return { ...body };
}

function count(text: string | null): number {
  if (text === null) return Number.POSITIVE_INFINITY;
  if (!/^\d+$/.test(text)) throw new ControlError(400, `last must be an integer, got "${text}"`);
  return Number(text);
}

function revoke({ world }: ControlContext, token: string): unknown {
  for (const user of world.tables.users.values()) {
    if (user.token !== token) continue;
    world.setToken(user, null);
    return { revoked: true, username: user.username };
  }
  throw new ControlError(404, 'the token does not exist');
}

const clockState = (clock: Clock): unknown => ({
  now: new Date(clock.now()).toISOString(),
  frozen: clock.frozen,
  scale: clock.scale,
});

function setClock(clock: Clock, body: unknown): unknown {
  const { frozen, scale, advanceMs, ...rest } = object(body);
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) {
    throw new ControlError(400, `unknown key "${unknown}"; allowed keys are frozen, scale, advanceMs`);
  }
  if (frozen !== undefined && typeof frozen !== 'boolean') throw new ControlError(400, 'frozen must be true or false');
  if (scale !== undefined && !(typeof scale === 'number' && scale > 0)) {
    throw new ControlError(400, 'scale must be a number above 0');
  }
  if (
    advanceMs !== undefined &&
    !(typeof advanceMs === 'number' && advanceMs >= 0 && advanceMs <= LONGEST_ADVANCE_MS)
  ) {
    throw new ControlError(400, `advanceMs must be a number from 0 to ${LONGEST_ADVANCE_MS} (a year)`);
  }
  clock.set({ ...(frozen === undefined ? {} : { frozen }), ...(scale === undefined ? {} : { scale }) });
  if (advanceMs !== undefined) clock.advance(advanceMs);
  return clockState(clock);
}

function datasetIn(body: unknown): Dataset {
  try {
    return readDataset(body);
  } catch (error) {
    if (error instanceof DatasetError) throw new ControlError(400, error.message);
    throw error;
  }
}

const sizes = ({ tables }: World): unknown =>
  Object.fromEntries(Object.entries(tables).map(([name, table]) => [name, table.size]));

function failCloud(cloud: Cloud, body: Record<string, unknown>): unknown {
  const operation = OPERATIONS.find((one) => one === body.operation);
  if (operation === undefined) throw new ControlError(400, `operation must be one of ${OPERATIONS.join(', ')}`);
  const { uuid, times, status = 500, message = 'The server has failed' } = body;
  if (typeof message !== 'string') throw new ControlError(400, 'message must be a string');
  if (!Number.isInteger(status)) throw new ControlError(400, 'status must be an integer');
  if (uuid !== undefined && typeof uuid !== 'string') throw new ControlError(400, 'uuid must be a string');
  if (times !== undefined && !(Number.isInteger(times) && Number(times) > 0)) {
    throw new ControlError(400, 'times must be an integer of at least 1');
  }
  cloud.fail(operation, new CloudError(Number(status), message), {
    ...(uuid === undefined ? {} : { uuid }),
    ...(times === undefined ? {} : { times: Number(times) }),
  });
  return { operation };
}
