/**
 * Measures the dashboard: sizes, the time until it can be used, and how smoothly 5,000 rows scroll, also while changes arrive.
 * `node bin/run.mjs tools/dashboard-figures.ts [SNAPSHOTS]`. Requires Chromium. docs/dashboard.md has some of the figures.
 */
import type { CDPSession, Page } from 'playwright-core';
import type { Simulator } from '../simulator/server.ts';
import { configWith } from '../src/config.ts';
import { createGateway } from '../src/gateway.ts';
import { dashboardBundle } from '../src/server/dashboard/bundle.ts';
import { hasBrowser, openBrowser } from '../test/support/browser.ts';

const FRAMES = 120;
/** Chromium calls a task that is longer than this a long one. */
const LONG_TASK_MS = 50;
/** Pixels for each frame of a wheel that is turned fast: four rows. */
const WHEEL_STEP = 200;
/** How many snapshots are changed from outside, and how often, while the table scrolls. */
const CHANGES = 20;
const CHANGE_EVERY_MS = 100;

const round = (value: number): number => Math.round(value * 10) / 10;

async function sizes(): Promise<void> {
  const began = performance.now();
  const { script, style } = await dashboardBundle();
  console.log(`bundle: ${round(performance.now() - began)} ms`);
  for (const { name, identity, br, gzip } of [script, style]) {
    console.log(`${name}: ${identity.length} bytes, br ${br.length}, gzip ${gzip.length}`);
  }
  console.log(`together: br ${script.br.length + style.br.length}, gzip ${script.gzip.length + style.gzip.length}`);
}

/** In the page: scrolls down by a step in each frame, and takes the time of each. A step of 0 goes from the first row to the last. */
const scroll = (step: number): string => `new Promise((resolve) => {
  const grid = document.querySelector('.grid');
  // Read once: reading it in each frame would be a cost of the measurement.
  const step = ${step} || (grid.scrollHeight - grid.clientHeight) / ${FRAMES};
  const frames = [];
  let last = performance.now();
  const draw = (now) => {
    frames.push(now - last);
    last = now;
    grid.scrollTop = frames.length * step;
    if (frames.length < ${FRAMES}) requestAnimationFrame(draw);
    else resolve(frames);
  };
  requestAnimationFrame(draw);
})`;

/** In the page: types a letter, and takes the time until the next frame was drawn. */
const TYPE = `new Promise((resolve) => {
  const input = document.querySelector('.search');
  const began = performance.now();
  input.value += 'a';
  input.dispatchEvent(new InputEvent('input', { bubbles: true }));
  requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began)));
})`;

/** Metrics of Chromium. All but the first are parts of it. */
const CPU_PARTS = ['TaskDuration', 'ScriptDuration', 'RecalcStyleDuration', 'LayoutDuration'] as const;

/** The time that the main thread of the page has worked so far, in ms of its own CPU time: other processes do not count. */
async function cpuOf(session: CDPSession): Promise<readonly number[]> {
  const { metrics } = await session.send('Performance.getMetrics');
  return CPU_PARTS.map((part) => 1_000 * (metrics.find(({ name }) => name === part)?.value ?? 0));
}

/** An entry of Chromium's trace. `tdur` is in µs of CPU time. */
interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly tdur?: number;
  readonly args: { readonly name?: string };
}

/** Runs an action. @returns the CPU time of the tasks of the page meanwhile, the longest first. */
async function tasksDuring(session: CDPSession, action: () => Promise<unknown>): Promise<readonly number[]> {
  const events: TraceEvent[] = [];
  // Playwright types the entries as plain objects.
  const collect = ({ value }: { value: object[] }): void => void events.push(...(value as TraceEvent[]));
  session.on('Tracing.dataCollected', collect);
  await session.send('Tracing.start', { categories: 'toplevel', transferMode: 'ReportEvents' });
  await action();
  const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
  await session.send('Tracing.end');
  await complete;
  session.off('Tracing.dataCollected', collect);
  const key = ({ pid, tid }: TraceEvent): string => `${pid} ${tid}`;
  const pages = new Set(
    events.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain').map(key),
  );
  return events
    .filter((event) => event.name === 'ThreadControllerImpl::RunTask' && pages.has(key(event)))
    .map(({ tdur = 0 }) => tdur / 1_000)
    .sort((a, b) => b - a);
}

const describeTasks = (tasks: readonly number[]): string =>
  `longest task ${round(tasks[0] ?? 0)} ms, ${tasks.filter((ms) => ms > LONG_TASK_MS).length} above ${LONG_TASK_MS} ms`;

/** Scrolls, and prints what a frame cost. */
async function measureScroll(page: Page, session: CDPSession, title: string, step: number): Promise<void> {
  await page.evaluate("document.querySelector('.grid').scrollTop = 0");
  const before = await cpuOf(session);
  const frames = await page.evaluate<number[]>(scroll(step));
  const after = await cpuOf(session);
  const sorted = frames.toSorted((a, b) => a - b);
  const at = (share: number): number => round(sorted[Math.floor(share * (sorted.length - 1))] ?? 0);
  const cpu = CPU_PARTS.map((part, i) => `${part} ${round(((after[i] ?? 0) - (before[i] ?? 0)) / frames.length)}`);
  await page.evaluate("document.querySelector('.grid').scrollTop = 0");
  const tasks = await tasksDuring(session, () => page.evaluate(scroll(step)));
  console.log(`${title}: frames of ${at(0.5)} ms, 95 % below ${at(0.95)}, longest ${at(1)}`);
  console.log(`  CPU of the main thread, ms a frame: ${cpu.join(', ')}`);
  console.log(`  ${describeTasks(tasks)}`);
}

/** Changes snapshots from outside, as other clients would. @returns ends it. */
function startChanges(simulator: Simulator): () => void {
  const uuids = [...simulator.world.tables.snapshots.keys()];
  let at = 0;
  const timer = setInterval(() => {
    for (let i = 0; i < CHANGES; i++, at += 7) {
      const body = Buffer.from(JSON.stringify({ description: `change ${at}`, name: `changed-${at}` }));
      simulator.control('PATCH', `/__sim/snapshots/${uuids[at % uuids.length]}`, body);
    }
  }, CHANGE_EVERY_MS);
  return () => clearInterval(timer);
}

async function use(page: Page, url: string, simulator: Simulator): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const began = performance.now();
  const elapsed = (): string => `${round(performance.now() - began)} ms`;
  const loading = await tasksDuring(session, async () => {
    await page.goto(`${url}/live`);
    await page.getByLabel('Search').waitFor();
    console.log(`page can be used: ${elapsed()}`);
    await page.locator('.grid-body .row').nth(5).waitFor();
    console.log(`all rows are there: ${elapsed()}`);
  });
  console.log(`  ${describeTasks(loading)}`);
  await measureScroll(page, session, `scrolling ${WHEEL_STEP} pixels a frame`, WHEEL_STEP);
  await measureScroll(page, session, `scrolling through all rows in ${FRAMES} frames`, 0);
  const stop = startChanges(simulator);
  try {
    await page.locator('.row.changed').first().waitFor();
    const title = `scrolling ${WHEEL_STEP} pixels a frame, ${(1_000 * CHANGES) / CHANGE_EVERY_MS} changes a second`;
    await measureScroll(page, session, title, WHEEL_STEP);
  } finally {
    stop();
  }
  const typed: number[] = [];
  const typing = await tasksDuring(session, async () => {
    for (let i = 0; i < 3; i++) typed.push(round(await page.evaluate<number>(TYPE)));
  });
  console.log(`a letter in the search: ${typed.join(', ')} ms\n  ${describeTasks(typing)}`);
}

async function measure(snapshots: number): Promise<void> {
  await sizes();
  const gateway = await createGateway(configWith({ port: 0, simulatorPort: 0, logLevel: 'silent' }), {
    simulator: { snapshots },
  });
  const { simulator } = gateway;
  if (simulator === undefined) throw new Error('the gateway has no embedded Waldur');
  const browser = await openBrowser();
  try {
    const staff = simulator.tokens().find(({ role }) => role === 'staff')?.token ?? '';
    const page = await browser.newPage();
    await page.addInitScript((token) => sessionStorage.setItem('waldur-snapshots:token', token), staff);
    await use(page, gateway.url, simulator);
  } finally {
    await browser.close();
    await gateway.close();
  }
}

if (hasBrowser('the figures of the dashboard')) await measure(Number(process.argv[2] ?? 5_000));
else process.exitCode = 1;
