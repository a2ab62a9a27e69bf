import type { Clock } from './clock.ts';
import { DatasetError, readDataset } from './dataset.ts';
import { ControlError, type Faults, parseFault } from './faults.ts';
import type { Dataset } from './model.ts';
import { addOutside, changeOutside, dropOutside } from './outside.ts';
import type { RequestLog } from './requests.ts';
import type { TokenEntry } from './tokens.ts';
import { type Cloud, CloudError, type Kind, OPERATIONS } from './worker/cloud.ts';
import type { Worker } from './worker/worker.ts';
import type { World } from './world.ts';

/** What the control endpoints may touch: everything. */
export interface ControlContext {
  readonly world: World;
  readonly clock: Clock;
  readonly worker: Worker;
  readonly cloud: Cloud;
  readonly faults: Faults;
  readonly log: RequestLog;
  tokens(): TokenEntry[];
  reset(): void;
  loadDataset(dataset: Dataset): void;
}

export interface Call {
  context: ControlContext;
  query: URLSearchParams;
  /** The parts of the path that stand in parentheses in the pattern. */
  part: string;
  /** Parsed JSON; undefined when none was sent. */
  body: unknown;
}

export interface Endpoint {
  method: string;
  /** Without `/__sim`; the slash at the end may be left out. */
  path: RegExp;
  /** As the list of endpoints shows it. */
  shown: string;
  does: string;
  status?: number;
  /** Returns what is sent as JSON. @throws ControlError for what the caller got wrong. */
  run(call: Call): unknown;
}

/** Every periodic job on the way is run, so that a longer way would keep the caller waiting. */
const LONGEST_ADVANCE_MS = 366 * 24 * 3_600_000;

const kindOf = (part: string): Kind => (part.startsWith('snapshots') ? 'snapshot' : 'volume');
const idOf = (part: string): string => part.split('/')[1] ?? '';

/** Every control endpoint. Errors are ControlErrors; what is returned is sent as JSON. */
export const ENDPOINTS: readonly Endpoint[] = [
  {
    method: 'GET',
    path: /^$/,
    shown: '',
    does: 'this list',
    run: () => ENDPOINTS.map(({ method, shown, does }) => ({ method, path: `/__sim${shown}`, does })),
  },
  {
    method: 'GET',
    path: /^\/tokens$/,
    shown: '/tokens',
    does: 'users with their tokens',
    run: ({ context }) => context.tokens(),
  },
  {
    method: 'POST',
    path: /^\/tokens\/([^/]+)\/revoke$/,
    shown: '/tokens/{token}/revoke',
    does: 'the token is worth nothing from now on',
    run: ({ context, part }) => revoke(context, part),
  },
  {
    method: 'GET',
    path: /^\/stats$/,
    shown: '/stats',
    does: 'counts of API requests',
    run: ({ context }) => context.log.stats(),
  },
  {
    method: 'DELETE',
    path: /^\/stats$/,
    shown: '/stats',
    does: 'zeroes them',
    run({ context }) {
      context.log.resetStats();
      return context.log.stats();
    },
  },
  {
    method: 'GET',
    path: /^\/requests$/,
    shown: '/requests?last=N',
    does: 'the last requests, oldest first',
    run: ({ context, query }) => context.log.last(count(query.get('last'))),
  },
  {
    method: 'GET',
    path: /^\/faults$/,
    shown: '/faults',
    does: 'the fault rules in force',
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
    does: 'clears all fault rules',
    run({ context }) {
      context.faults.clear();
      return context.faults.list();
    },
  },
  {
    method: 'GET',
    path: /^\/clock$/,
    shown: '/clock',
    does: 'the time of the world',
    run: ({ context }) => clockState(context.clock),
  },
  {
    method: 'POST',
    path: /^\/clock$/,
    shown: '/clock',
    does: 'freezes, paces or advances it: { frozen?, scale?, advanceMs? }',
    run: ({ context, body }) => setClock(context.clock, body),
  },
  {
    method: 'POST',
    path: /^\/dataset$/,
    shown: '/dataset',
    does: 'replaces the world',
    run({ context, body }) {
      context.loadDataset(datasetIn(body));
      return sizes(context.world);
    },
  },
  {
    method: 'POST',
    path: /^\/reset$/,
    shown: '/reset',
    does: 'back to the world it started with, or to the dataset loaded last',
    run({ context }) {
      context.reset();
      return sizes(context.world);
    },
  },
  {
    method: 'POST',
    path: /^\/(snapshots|volumes)$/,
    shown: '/snapshots, /volumes',
    does: 'adds one as if made outside',
    status: 201,
    run: ({ context, part, body }) => addOutside(context, kindOf(part), object(body)),
  },
  {
    method: 'PATCH',
    path: /^\/((?:snapshots|volumes)\/[^/]+)$/,
    shown: '/snapshots/{uuid}, /volumes/{uuid}',
    does: 'changes one as if outside, any field',
    run: ({ context, part, body }) => changeOutside(context, kindOf(part), idOf(part), object(body)),
  },
  {
    method: 'DELETE',
    path: /^\/((?:snapshots|volumes)\/[^/]+)$/,
    shown: '/snapshots/{uuid}, /volumes/{uuid}',
    does: 'drops one as if outside',
    run: ({ context, part }) => dropOutside(context, kindOf(part), idOf(part)),
  },
  {
    method: 'POST',
    path: /^\/cloud\/failures$/,
    shown: '/cloud/failures',
    does: 'makes the pretend OpenStack refuse: { operation, uuid?, times?, status?, message? }',
    run: ({ context, body }) => failCloud(context.cloud, object(body)),
  },
  {
    method: 'DELETE',
    path: /^\/cloud\/failures$/,
    shown: '/cloud/failures',
    does: 'it works again',
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
  if (!/^\d+$/.test(text)) throw new ControlError(400, `last must be a whole number, not "${text}"`);
  return Number(text);
}

function revoke({ world }: ControlContext, token: string): unknown {
  for (const user of world.tables.users.values()) {
    if (user.token !== token) continue;
    world.setToken(user, null);
    return { revoked: true, username: user.username };
  }
  throw new ControlError(404, 'no user has this token');
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
    throw new ControlError(400, `unknown clock key "${unknown}"; known are frozen, scale, advanceMs`);
  }
  if (frozen !== undefined && typeof frozen !== 'boolean') throw new ControlError(400, 'frozen must be true or false');
  if (scale !== undefined && !(typeof scale === 'number' && scale > 0)) {
    throw new ControlError(400, 'scale must be a number above 0');
  }
  if (
    advanceMs !== undefined &&
    !(typeof advanceMs === 'number' && advanceMs >= 0 && advanceMs <= LONGEST_ADVANCE_MS)
  ) {
    throw new ControlError(
      400,
      `advanceMs must be a number from 0 to ${LONGEST_ADVANCE_MS} (a year): time does not go back`,
    );
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
  if (!Number.isInteger(status)) throw new ControlError(400, 'status must be a whole number');
  if (uuid !== undefined && typeof uuid !== 'string') throw new ControlError(400, 'uuid must be a string');
  if (times !== undefined && !(Number.isInteger(times) && Number(times) > 0)) {
    throw new ControlError(400, 'times must be a whole number from 1 up');
  }
  cloud.fail(operation, new CloudError(Number(status), message), {
    ...(uuid === undefined ? {} : { uuid }),
    ...(times === undefined ? {} : { times: Number(times) }),
  });
  return { operation };
}
