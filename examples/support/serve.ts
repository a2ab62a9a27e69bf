/**
 * The server of the examples' tests for programs in other languages: `node support/serve.ts`. It reads a call from each line of the
 * standard input, such as `["add", "example"]`, and answers each with one line: `{"value": ...}` or `{"error": MESSAGE}`. The first line
 * that it writes has the address. It ends when its input ends.
 */
import { createInterface } from 'node:readline';
import { startServer } from './server.ts';

const server = await startServer();
const CALLS: Readonly<Record<string, (...args: never[]) => unknown>> = {
  token: () => server.token,
  volumeUuid: () => server.volumeUuid,
  rows: server.rows,
  add: server.add,
  change: server.change,
  drop: server.drop,
  elsewhere: server.elsewhere,
  fault: server.fault,
  clearFaults: server.clearFaults,
  renewToken: server.renewToken,
  cut: server.cut,
  stop: server.stop,
  start: server.start,
};
const answer = (result: object): void => console.log(JSON.stringify(result));

answer({ value: server.url });
for await (const line of createInterface({ input: process.stdin })) {
  try {
    const [name, ...args] = JSON.parse(line) as [string, ...never[]];
    const call = CALLS[name];
    if (call === undefined) throw new Error(`there is no call ${name}`);
    answer({ value: (await call(...args)) ?? null });
  } catch (error) {
    answer({ error: String(error) });
  }
}
await server.close();
