/**
 * The server of the examples' tests: an embedded Waldur, a gateway in a process of its own, and between the gateway and the client a
 * relay that can cut connections. The address stays the same when the gateway restarts. Everything listens on loopback.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { startSimulator } from '../../simulator/server.ts';
import { type GatewayProcess, startGatewayProcess } from '../../tools/gateway-process.ts';

/** A snapshot as Waldur has it. */
export interface Row {
  readonly uuid: string;
  readonly name: string;
  readonly state: string;
}

export interface Server {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** The valid token of the user `staff`. It changes with `renewToken`. */
  readonly token: string;
  /** A volume to make snapshots of. */
  readonly volumeUuid: string;
  /** Snapshots in Waldur whose names contain the text, ordered by name. */
  rows(text: string): Promise<Row[]>;
  /** Adds, changes and removes snapshots as another client of Waldur would, without the gateway. */
  add(name: string): Promise<Row>;
  change(uuid: string, columns: Readonly<Record<string, unknown>>): Promise<void>;
  drop(uuid: string): Promise<void>;
  /** A mutation of the same user in another browser. @throws when it fails or is refused. */
  elsewhere(mutation: string, input: Readonly<Record<string, unknown>>): Promise<void>;
  /** Waldur answers so many requests that begin with the path in this way. */
  fault(rule: Readonly<Record<string, unknown>>): Promise<void>;
  /** Ends all faults. */
  clearFaults(): Promise<void>;
  /** Revokes the token and signs in again. */
  renewToken(): Promise<void>;
  /** Cuts all connections of clients. @returns how many there were. */
  cut(): number;
  /** Kills the gateway. */
  stop(): Promise<void>;
  /** Starts a new gateway at the same address. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Number of snapshots that `startServer` adds, called `example 01` and so on. */
export const EXAMPLES = 25;

export async function startServer(): Promise<Server> {
  const simulator = await startSimulator({ port: 0, snapshots: 20, frozen: true });
  const startGateway = (): Promise<GatewayProcess> =>
    startGatewayProcess({ WALDUR_API_URL: simulator.url, SOCKET_DRAIN_MS: '0', CACHE_TTL_MS: '0' });
  let gateway: GatewayProcess | undefined = await startGateway();
  let token = tokenOfStaff();
  const sockets = new Set<Socket>();
  const relay = createServer((socket) => {
    if (gateway === undefined) {
      socket.destroy();
      return;
    }
    const onward = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    sockets.add(socket);
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      one.pipe(other);
      // A cut connection is an error on one side and a close on both.
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
    socket.on('close', () => sockets.delete(socket));
  });
  await once(relay.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(relay.address() as AddressInfo).port}`;

  function tokenOfStaff(): string {
    const staff = simulator.tokens().find(({ username }) => username === 'staff');
    if (staff === undefined) throw new Error('staff has no token');
    return staff.token;
  }
  const cut = (): number => {
    const { size } = sockets;
    for (const socket of sockets) socket.destroy();
    return size;
  };
  const control = async <Answer>(method: string, path: string, body?: object): Promise<Answer> => {
    const response = await fetch(`${simulator.url}/${path}`, {
      method,
      headers: { 'content-type': 'application/json', authorization: `Token ${token}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Answer;
  };
  const kill = async ({ child }: GatewayProcess): Promise<void> => {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  const [volume] = simulator.world.tables.volumes.values();
  if (volume === undefined) throw new Error('the embedded Waldur has no volume');
  const server: Server = {
    url,
    get token() {
      return token;
    },
    volumeUuid: volume.uuid,
    async rows(text) {
      const query = new URLSearchParams({ name: text, o: 'name', page_size: '300' });
      for (const field of ['uuid', 'name', 'state']) query.append('field', field);
      return control('GET', `api/openstack-snapshots/?${query}`);
    },
    add: (name) => control('POST', '__sim/snapshots', { name }),
    async change(uuid, columns) {
      await control('PATCH', `__sim/snapshots/${uuid}`, columns);
    },
    async drop(uuid) {
      await control('DELETE', `__sim/snapshots/${uuid}`);
    },
    async elsewhere(mutation, input) {
      if (gateway === undefined) throw new Error('the gateway is not running');
      const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
      const response = await fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Token ${token}` },
        body: JSON.stringify({
          query: `mutation ($input: ${type}!) { result: ${mutation}(input: $input) { userErrors { code message } } }`,
          variables: { input },
        }),
      });
      const answer = await response.text();
      if (!answer.startsWith('{"data":{"result":{"userErrors":[]}}')) throw new Error(`${mutation}: ${answer}`);
    },
    async fault(rule) {
      await control('POST', '__sim/faults', rule);
    },
    async clearFaults() {
      await control('DELETE', '__sim/faults');
    },
    async renewToken() {
      const { username, password } = { username: 'staff', password: 'demo-staff' };
      await control('POST', `__sim/tokens/${token}/revoke`);
      token = (await control<{ token: string }>('POST', 'api-auth/password/', { username, password })).token;
    },
    cut,
    async stop() {
      const old = gateway;
      gateway = undefined;
      if (old !== undefined) await kill(old);
      cut();
    },
    async start() {
      gateway = await startGateway();
    },
    async close() {
      cut();
      relay.close();
      if (gateway !== undefined) await kill(gateway);
      await simulator.close();
    },
  };
  for (let i = 1; i <= EXAMPLES; i++) await server.add(`example ${String(i).padStart(2, '0')}`);
  return server;
}

/** Waits until the check passes. @throws its last error after 30 s. */
export async function eventually<Value>(check: () => Value | Promise<Value>): Promise<Value> {
  const started = performance.now();
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() - started > 30_000) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
