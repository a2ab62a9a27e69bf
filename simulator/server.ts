import type http from 'node:http';
import type { AddressInfo } from 'node:net';
import { nodeHttp } from '../src/runtime/node-http.ts';
import type { Clock } from './clock.ts';
import { handleControl } from './control.ts';
import type { ControlContext } from './control-context.ts';
import { timeOf } from './cost.ts';
import { Embedded } from './embedded.ts';
import { Faults } from './faults.ts';
import type { ApiAnswer, ApiRequest, Dataset } from './model.ts';
import { DEFAULT_OPTIONS, type SimulatorOptions } from './options.ts';
import { RequestLog, type Stats } from './requests.ts';
import { replaces, respond, standIn } from './respond.ts';
import { Random } from './seed/random.ts';
import { listTokens, type TokenEntry } from './tokens.ts';
import type { Cloud } from './worker/cloud.ts';
import type { Worker } from './worker/worker.ts';
import type { World } from './world.ts';

export interface Simulator {
  /** `http://127.0.0.1:PORT`, without a trailing slash. */
  readonly url: string;
  readonly port: number;
  /** The simulated version of Waldur. */
  readonly waldur: SimulatorOptions['waldur'];
  readonly world: World;
  readonly clock: Clock;
  readonly worker: Worker;
  readonly cloud: Cloud;
  readonly faults: Faults;
  /** The valid tokens. */
  tokens(): TokenEntry[];
  /** Runs a control request, as its endpoint does. @param target the path from `/__sim` on, with query. */
  control(method: string, target: string, body: Buffer): ApiAnswer;
  stats(): Stats;
  resetStats(): void;
  /** Restores the initial world, or the dataset that was loaded last. */
  reset(): void;
  /** Replaces the world. Objects in transition keep their state until a job or a request changes it. */
  loadDataset(dataset: Dataset): void;
  /** Closes all connections, including those with requests in flight. */
  close(): Promise<void>;
}

/** The limit of Django's default settings, far above any real request. */
const MOST_BODY_BYTES = 32 * 2 ** 20;
/** A dataset of 10,000 made-up snapshots has about 10 MB. */
const MOST_CONTROL_BYTES = 256 * 2 ** 20;
/** The HTTP server in front of the recorded Waldur rejects longer request lines. */
const MOST_REQUEST_LINE = 8190;
const KEEP_ALIVE_MS = 75_000;
const NOTHING: Buffer = Buffer.alloc(0);

/** Starts an embedded Waldur on the loopback interface. @throws the error of `listen`, for example if the port is in use. */
export async function startSimulator(given: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  const options = { ...DEFAULT_OPTIONS, ...given };
  const embedded = new Embedded(options);
  const faults = new Faults(new Random(options.seed));
  const log = new RequestLog();
  const { world, clock, worker, cloud } = embedded;
  const simulator: Omit<Simulator, 'url' | 'port' | 'waldur' | 'close' | 'control'> = {
    world,
    clock,
    worker,
    cloud,
    faults,
    tokens: () => listTokens(world, clock),
    stats: () => log.stats(),
    resetStats: () => log.resetStats(),
    reset: () => void embedded.reset(),
    loadDataset: (dataset) => embedded.loadDataset(dataset),
  };
  const control: ControlContext = { ...simulator, log };
  const runControl = (method: string, target: string, body: Buffer | undefined): ApiAnswer =>
    handleControl(control, method, target, body);
  const server = nodeHttp.createServer(
    { keepAliveTimeout: KEEP_ALIVE_MS, maxHeaderSize: 65_536 },
    (incoming, response) => {
      const { method = 'GET', url: target = '/' } = incoming;
      if (target.startsWith('/__sim')) {
        receive(incoming, MOST_CONTROL_BYTES, (body) => respond(response, runControl(method, target, body)));
        return;
      }
      response.once('close', log.begin(method, target, incoming.headers));
      const { latencyMs, rule } = faults.take(method, target);
      const finish = (answer: ApiAnswer): void => {
        if (latencyMs === 0) respond(response, answer, rule);
        else setTimeout(() => respond(response, answer, rule), latencyMs).unref();
      };
      receive(incoming, MOST_BODY_BYTES, (body) => {
        const ready = rule !== undefined && replaces(rule) ? standIn(rule) : refusal(method, target, body);
        if (ready !== undefined) {
          finish(ready);
          return;
        }
        const answered = embedded.answer(requestOf(incoming, body)).then((answer) => {
          if (target.startsWith('/api/')) log.worked(timeOf(answer));
          finish(answer);
        });
        answered.catch((error: unknown) => {
          console.error('the embedded Waldur failed on', method, target, error);
          finish(SERVER_ERROR);
        });
      });
    },
  );
  await listen(server, options.port);
  const { port } = server.address() as AddressInfo;
  return {
    ...simulator,
    control: runControl,
    waldur: options.waldur,
    url: `http://127.0.0.1:${port}`,
    port,
    close: () => {
      clock.clear();
      return closeServer(server);
    },
  };
}

const SERVER_ERROR: ApiAnswer = {
  status: 500,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: '<!doctype html><html lang="en"><head><title>Server Error (500)</title></head><body><h1>Server Error (500)</h1></body></html>',
};

const page = (status: number, title: string): ApiAnswer => ({
  status,
  headers: { 'content-type': 'text/html', connection: 'close' },
  body: `<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`,
});

/** The errors of the HTTP server in front of Waldur. `body` is undefined if it was too long. */
function refusal(method: string, target: string, body: Buffer | undefined): ApiAnswer | undefined {
  if (body === undefined) return page(413, 'Request Entity Too Large');
  const line = method.length + target.length + ' HTTP/1.1'.length + 1;
  return line > MOST_REQUEST_LINE ? page(414, 'Request-URI Too Long') : undefined;
}

const requestOf = (incoming: http.IncomingMessage, body = NOTHING): ApiRequest => ({
  method: incoming.method ?? 'GET',
  target: incoming.url ?? '/',
  // Like WSGI, Node joins repeated headers with commas, except for set-cookie, which clients do not send.
  headers: incoming.headers as ApiRequest['headers'],
  body,
  remoteAddress: incoming.socket.remoteAddress ?? '',
});

/** Reads the body. The result is undefined if the body exceeds the limit; the rest is discarded. */
function receive(incoming: http.IncomingMessage, most: number, then: (body: Buffer | undefined) => void): void {
  if (incoming.headers['content-length'] === undefined && incoming.headers['transfer-encoding'] === undefined) {
    then(NOTHING);
    return;
  }
  const chunks: Buffer[] = [];
  let length = 0;
  incoming.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= most) chunks.push(chunk);
    else chunks.length = 0;
  });
  incoming.on('end', () => then(length > most ? undefined : Buffer.concat(chunks)));
  incoming.on('error', () => incoming.destroy());
}

function listen(server: http.Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function closeServer(server: http.Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
    server.closeAllConnections();
  });
}
