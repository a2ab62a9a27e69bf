import { spawn } from 'node:child_process';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '../../..');
/** Maximum time for the start, in ms. */
const START_MS = 30_000;

/**
 * Starts the gateway on an embedded Waldur, as `npm start` does, on free ports of this machine.
 * @param {Record<string, string>} settings environment variables.
 * @returns {Promise<{ url: string, headers: Record<string, string>, stop: () => Promise<void> }>} `headers`: the credentials of staff.
 */
export async function startGateway(settings = {}) {
  const child = spawn(process.execPath, ['bin/run.mjs', 'src/main.ts'], {
    cwd: ROOT,
    env: {
      ...process.env,
      PORT: '0',
      SIMULATOR_PORT: '0',
      SIMULATOR_ACTIVITY: 'false',
      DRAIN_DELAY_MS: '0',
      SOCKET_DRAIN_MS: '0',
      SHUTDOWN_TIMEOUT_MS: '500',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  process.once('exit', () => child.kill('SIGKILL'));
  const printed = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`The gateway did not start in time: ${text}`)), START_MS);
    let text = '';
    const read = (chunk) => {
      text += chunk;
      if (!/^ {2}\w+ +stranger /m.test(text)) return;
      clearTimeout(timer);
      resolve(text);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', () => reject(new Error(`The gateway ended before it listened: ${text}`)));
  });
  const url = /^ *GraphQL +(http:\S+)\/graphql$/m.exec(printed)?.[1];
  const token = /^ {2}staff +\S+ +(\w+)$/m.exec(printed)?.[1];
  const stop = () =>
    new Promise((resolve) => {
      child.once('exit', resolve);
      child.kill('SIGTERM');
    });
  return { url, headers: { authorization: `Token ${token}` }, stop };
}

/**
 * Sends an operation by POST.
 * @returns {Promise<{ data?: any, errors?: { message: string }[] }>}
 */
export async function post(url, headers, query, variables) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  });
  return response.json();
}

/**
 * Reads events of a subscription by SSE until `enough` is true of the last one.
 * @returns {Promise<any[]>} the `data` of the events.
 */
export async function readEvents(url, headers, query, variables, enough) {
  const end = new AbortController();
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...headers },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.any([end.signal, AbortSignal.timeout(30_000)]),
  });
  if (response.headers.get('content-type')?.startsWith('text/event-stream') !== true) {
    throw new Error(`No event stream, but ${response.status}: ${await response.text()}`);
  }
  const events = [];
  let text = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const parts = text.split(/\r?\n\r?\n/);
    text = parts.pop() ?? '';
    for (const part of parts) {
      const data = /^data: ?(\{.*\})$/m.exec(part)?.[1];
      if (data === undefined) continue;
      const event = JSON.parse(data);
      if (event.errors) throw new Error(JSON.stringify(event.errors));
      events.push(event.data);
      if (enough(event.data)) {
        end.abort();
        return events;
      }
    }
  }
  throw new Error(`The stream ended after ${events.length} events`);
}
