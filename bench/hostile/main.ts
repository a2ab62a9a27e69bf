/**
 * `npm run bench -- hostile`: what it costs to refuse. Each request of the corpus is sent by POST to a gateway in a process of its own,
 * one after the other; its CPU time from before the request to after the answer is taken, reading and parsing of the body included.
 * Ends with 1 when one of them costs more than the target, is not refused, or reaches the upstream.
 *
 * The target holds for the middle round. The first, in which code is still being compiled, and the worst of the others, in which
 * garbage may be collected, are told beside it.
 */
import { CORPUS, type Hostile } from './corpus.ts';
import { forkGateway, type Gateway } from './process.ts';

const TARGET_MS = 50;
const ROUNDS = 9;

interface Row {
  readonly name: string;
  readonly code: string | undefined;
  readonly kib: number;
  /** CPU time of the first round, of the middle one and of the worst after the first, in ms. */
  readonly first: number;
  readonly median: number;
  readonly worst: number;
  readonly calls: number;
}

/** @returns the code of the first error; undefined when there is none. */
async function post(url: string, body: string): Promise<string | undefined> {
  const headers = { 'content-type': 'application/json', authorization: 'Token none' };
  const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body });
  const { errors } = (await response.json()) as { errors?: { extensions: { code: string } }[] };
  return errors?.[0]?.extensions.code;
}

async function measure(gateway: Gateway, { name, document, variables }: Hostile): Promise<Row> {
  const costs: number[] = [];
  let code: string | undefined;
  let kib = 0;
  const { calls: callsBefore } = await gateway.usage();
  for (let turn = 0; turn < ROUNDS; turn += 1) {
    const body = `{"query":${JSON.stringify(document(turn))},"variables":${variables?.() ?? 'null'}}`;
    kib = Math.round(body.length / 1_024);
    const before = await gateway.usage();
    code = await post(gateway.url, body);
    costs.push((await gateway.usage()).cpuMs - before.cpuMs);
  }
  const calls = (await gateway.usage()).calls - callsBefore;
  const [first = 0, ...others] = costs;
  const median = costs.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
  return { name, code, kib, first, median, worst: Math.max(...others), calls };
}

const isGood = ({ code, median, calls }: Row): boolean => code !== undefined && median < TARGET_MS && calls === 0;

function line(row: Row): string {
  const { name, kib, first, median, worst, code = 'NOT REFUSED', calls } = row;
  const verdict = isGood(row) ? 'reached' : `NOT REACHED${calls > 0 ? ` (${calls} upstream calls)` : ''}`;
  const figures = [first, median, worst].map((ms) => ms.toFixed(1).padStart(8)).join('');
  return `${name.padEnd(46)}${String(kib).padStart(5)}${figures}  ${code.padEnd(26)}${verdict}`;
}

const gateway = await forkGateway();
// A gateway that has been running: the code that every request goes through is compiled.
for (let turn = 0; turn < 300; turn += 1) {
  await post(gateway.url, `{"query":"query Q${turn} { __typename __schema { queryType { name } } }"}`);
}
console.log(
  `CPU time to refuse, in ms; target: below ${TARGET_MS} in the middle of ${ROUNDS} rounds, no upstream call\n`,
);
console.log(`${'request'.padEnd(46)}  KiB   first  median   worst  answer`);
const rows: Row[] = [];
for (const hostile of CORPUS) {
  const row = await measure(gateway, hostile);
  rows.push(row);
  console.log(line(row));
}
gateway.stop();
const bad = rows.filter((row) => !isGood(row));
console.log(`\n${rows.length - bad.length} of ${rows.length} reached the target`);
process.exitCode = bad.length === 0 ? 0 : 1;
