/**
 * `npm run bench -- hostile`: what it costs to refuse. Each request of the corpus is sent by POST to a gateway in a process of its own,
 * one after the other; its CPU time from before the request to after the answer is taken, reading and parsing of the body included.
 * Ends with 1 when one of them costs more than the target, is not refused, or reaches the upstream.
 */
import { CORPUS, type Hostile } from './corpus.ts';
import { forkGateway, type Gateway } from './process.ts';

const TARGET_MS = 50;
const ROUNDS = 7;

interface Row {
  readonly name: string;
  readonly code: string;
  readonly kib: number;
  /** CPU time of the middle round and of the worst, in ms. The first round, when nothing is compiled yet, counts. */
  readonly median: number;
  readonly worst: number;
  readonly calls: number;
}

async function post(url: string, body: string): Promise<{ status: number; code: string }> {
  const headers = { 'content-type': 'application/json', authorization: 'Token none' };
  const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body });
  const { data, errors } = (await response.json()) as { data?: unknown; errors?: { extensions: { code: string } }[] };
  const code = errors?.[0]?.extensions.code;
  return { status: response.status, code: code === undefined || data ? 'not refused' : code };
}

async function measure(gateway: Gateway, { name, document, variables }: Hostile): Promise<Row> {
  const costs: number[] = [];
  let code = '';
  let kib = 0;
  const { calls: callsBefore } = await gateway.usage();
  for (let turn = 0; turn < ROUNDS; turn += 1) {
    const body = `{"query":${JSON.stringify(document(turn))},"variables":${variables?.() ?? 'null'}}`;
    kib = Math.round(body.length / 1_024);
    const before = await gateway.usage();
    ({ code } = await post(gateway.url, body));
    costs.push((await gateway.usage()).cpuMs - before.cpuMs);
  }
  const calls = (await gateway.usage()).calls - callsBefore;
  const sorted = costs.toSorted((a, b) => a - b);
  return { name, code, kib, median: sorted[Math.floor(ROUNDS / 2)] ?? 0, worst: sorted.at(-1) ?? 0, calls };
}

const isGood = ({ code, worst, calls }: Row): boolean => code !== 'not refused' && worst < TARGET_MS && calls === 0;

function line(row: Row): string {
  const { name, kib, median, worst, code, calls } = row;
  const verdict = isGood(row) ? 'reached' : `NOT REACHED${calls > 0 ? ` (${calls} upstream calls)` : ''}`;
  const figures = [String(kib).padStart(5), median.toFixed(1).padStart(8), worst.toFixed(1).padStart(8)];
  return `${name.padEnd(46)}${figures.join('')}  ${code.padEnd(26)}${verdict}`;
}

const gateway = await forkGateway();
// A gateway that has been running: the code that every request goes through is compiled.
for (let turn = 0; turn < 300; turn += 1) {
  await post(gateway.url, `{"query":"query Q${turn} { __typename __schema { queryType { name } } }"}`);
}
console.log(
  `CPU time to refuse, in ms; target: below ${TARGET_MS} in the worst of ${ROUNDS} rounds, no upstream call\n`,
);
console.log(`${'request'.padEnd(46)}  KiB  median   worst  answer`);
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
