/**
 * Measures the dashboard: sizes, the time until it can be used, and how smoothly 5,000 rows scroll.
 * `node bin/run.mjs tools/dashboard-figures.ts [SNAPSHOTS]`. Requires Chromium. docs/dashboard.md has some of the figures.
 */
import type { Page } from 'playwright-core';
import { configWith } from '../src/config.ts';
import { createGateway } from '../src/gateway.ts';
import { dashboardBundle } from '../src/server/dashboard/bundle.ts';
import { hasBrowser, openBrowser } from '../test/support/browser.ts';

const SCROLL_MS = 4_000;
const LONG_FRAME_MS = 50;

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

/** In the page: scrolls from top to bottom, and takes the time of each frame. */
const SCROLL = `new Promise((resolve) => {
  const grid = document.querySelector('.grid');
  const longTasks = [];
  const observer = new PerformanceObserver((list) => longTasks.push(...list.getEntries().map(({ duration }) => duration)));
  observer.observe({ type: 'longtask' });
  const frames = [];
  // Read once: reading it in each frame would be a cost of the measurement.
  const range = grid.scrollHeight - grid.clientHeight;
  const began = performance.now();
  let last = began;
  const step = (now) => {
    if (frames.length > 0 || now > began) frames.push(now - last);
    last = now;
    const share = (now - began) / ${SCROLL_MS};
    grid.scrollTop = share * range;
    if (share < 1) requestAnimationFrame(step);
    else {
      observer.disconnect();
      resolve({ frames, longTasks });
    }
  };
  requestAnimationFrame(step);
})`;

/** In the page: types a letter, and takes the time until the next frame was drawn. */
const TYPE = `new Promise((resolve) => {
  const input = document.querySelector('.search');
  const began = performance.now();
  input.value += 'a';
  input.dispatchEvent(new InputEvent('input', { bubbles: true }));
  requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began)));
})`;

/** Metrics of Chromium, in seconds. All but the first are parts of it. */
const CPU_PARTS = ['TaskDuration', 'ScriptDuration', 'RecalcStyleDuration', 'LayoutDuration'] as const;
type Cpu = Readonly<Record<(typeof CPU_PARTS)[number], number>>;

/** @returns reads the time that the main thread of a page has worked so far: its own CPU time, so other processes do not count. */
async function cpuMeter(page: Page): Promise<() => Promise<Cpu>> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  return async () => cpuOf((await session.send('Performance.getMetrics')).metrics);
}

function cpuOf(metrics: readonly { readonly name: string; readonly value: number }[]): Cpu {
  const of = (wanted: string): number => metrics.find(({ name }) => name === wanted)?.value ?? 0;
  return {
    TaskDuration: of('TaskDuration'),
    ScriptDuration: of('ScriptDuration'),
    RecalcStyleDuration: of('RecalcStyleDuration'),
    LayoutDuration: of('LayoutDuration'),
  };
}

async function use(page: Page, url: string, snapshots: number): Promise<void> {
  const began = performance.now();
  const elapsed = (): string => `${round(performance.now() - began)} ms`;
  await page.goto(`${url}/live`);
  await page.getByLabel('Search').waitFor();
  console.log(`page can be used: ${elapsed()}`);
  await page.locator('.grid-body .row').nth(5).waitFor();
  console.log(`${snapshots} rows are there: ${elapsed()}`);
  const cpu = await cpuMeter(page);
  const cpuBefore = await cpu();
  const { frames, longTasks } = await page.evaluate<{ frames: number[]; longTasks: number[] }>(SCROLL);
  const cpuAfter = await cpu();
  const sorted = frames.toSorted((a, b) => a - b);
  const at = (share: number): number => round(sorted[Math.floor(share * (sorted.length - 1))] ?? 0);
  const long = frames.filter((ms) => ms > LONG_FRAME_MS).length;
  console.log(
    `scrolling ${SCROLL_MS} ms: ${frames.length} frames, median ${at(0.5)}, p95 ${at(0.95)}, longest ${at(1)} ms; ` +
      `${long} above ${LONG_FRAME_MS} ms; ${longTasks.length} long tasks`,
  );
  const perFrame = CPU_PARTS.map(
    (part) => `${part} ${round((1_000 * (cpuAfter[part] - cpuBefore[part])) / frames.length)}`,
  );
  console.log(`main thread, ms of CPU for each frame: ${perFrame.join(', ')}`);
  const typed: number[] = [];
  for (let i = 0; i < 3; i++) typed.push(round(await page.evaluate<number>(TYPE)));
  console.log(`a letter in the search: ${typed.join(', ')} ms`);
}

async function measure(snapshots: number): Promise<void> {
  await sizes();
  const gateway = await createGateway(configWith({ port: 0, simulatorPort: 0, logLevel: 'silent' }), {
    simulator: { snapshots },
  });
  const browser = await openBrowser();
  try {
    const staff = gateway.simulator?.tokens().find(({ role }) => role === 'staff')?.token ?? '';
    const page = await browser.newPage();
    await page.addInitScript((token) => sessionStorage.setItem('waldur-snapshots:token', token), staff);
    await use(page, gateway.url, snapshots);
  } finally {
    await browser.close();
    await gateway.close();
  }
}

if (hasBrowser('the figures of the dashboard')) await measure(Number(process.argv[2] ?? 5_000));
else process.exitCode = 1;
