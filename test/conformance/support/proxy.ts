import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

export interface Asked {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: http.IncomingHttpHeaders;
}

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

/** How a server differs from Waldur: in what it understands, or in what it says. */
export interface Flaw {
  readonly hears?: ((target: string, method: string) => string) | undefined;
  readonly says?: ((asked: Asked, answer: Answer) => Answer) | undefined;
}

/** Stands in front of a Waldur and makes it a wrong one. Returns its address. */
export async function spoil(waldur: string, { hears, says }: Flaw): Promise<string> {
  const agent = new http.Agent({ keepAlive: true });
  const server = http.createServer((incoming, response) => {
    const { method = 'GET', url = '/', headers } = incoming;
    const target = hears?.(url, method) ?? url;
    const pass = async (answered: http.IncomingMessage): Promise<void> => {
      const answer = { status: answered.statusCode ?? 0, headers: answered.headers, text: await text(answered) };
      const said = says?.({ method, target, headers }, answer) ?? answer;
      const { 'content-length': _length, connection: _connection, ...kept } = said.headers;
      response.writeHead(said.status, kept).end(said.text);
    };
    const outgoing = http.request(waldur + target, { method, headers, agent });
    outgoing.on('response', (answered) => void pass(answered).catch((error: Error) => response.destroy(error)));
    outgoing.on('error', (error) => response.destroy(error));
    incoming.pipe(outgoing);
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => {
    agent.destroy();
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Changes every JSON object in an answer, rows of a list and the object of a detail alike. */
export function eachRow(answer: Answer, change: (row: Record<string, unknown>) => Record<string, unknown>): Answer {
  if (answer.headers['content-type'] !== 'application/json' || answer.text === '') return answer;
  const body = JSON.parse(answer.text) as Record<string, unknown> | (Record<string, unknown> | string)[];
  // A refusal may be a list of messages.
  const changed = Array.isArray(body) ? body.map((row) => (typeof row === 'string' ? row : change(row))) : change(body);
  return { ...answer, text: JSON.stringify(changed) };
}
