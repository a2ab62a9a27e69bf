import { figure } from '../lib/markdown.ts';
import { BASELINE } from './options.ts';
import type { Measured } from './rounds.ts';
import type { Server } from './servers.ts';
import { ratio } from './summary.ts';
import { WORKS, type Work } from './works.ts';

const WIDTH = 860;
const LABELS = 210;
const VALUES = 60;
const BAR = 16;
const GAP = 6;
const HEAD = 34;
const TOP = 58;
const BARS = WIDTH - LABELS - VALUES;

/** Colours for both backgrounds; the picture is shown as an image, so it must bring them itself. */
const STYLE = `
  text { font: 12px system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif; fill: #1f2328; }
  .title { font-size: 15px; font-weight: 600; }
  .work { font-size: 13px; font-weight: 600; }
  .about, .value { fill: #59636e; }
  .ours-label, .ours-value { font-weight: 600; }
  .bar { fill: #9aa4b0; }
  .floor { fill: #d0d7de; }
  .ours { fill: #1f7a4d; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .about, .value { fill: #9198a1; }
    .bar { fill: #6e7681; }
    .floor { fill: #3d444d; }
    .ours { fill: #3fb37f; }
  }`;

const escapeXml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** Bars for each work and server: requests a second relative to the pass-through. Reads on light and on dark. */
export function drawChart(measured: Measured, servers: readonly Server[]): string {
  const panels: string[] = [];
  let y = TOP;
  for (const work of WORKS) {
    const bars = barsOf(measured, servers, work);
    panels.push(panel(work, bars, y));
    y += HEAD + bars.length * (BAR + GAP) + GAP;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" role="img" aria-labelledby="title about">
  <style>${STYLE}
  </style>
  <text id="title" class="title" x="0" y="18">Requests a second, relative to a bare pass-through of the REST answer</text>
  <text id="about" class="about" x="0" y="38">Uncached, one core, 50 connections; more is better.</text>
${panels.join('\n')}
</svg>
`;
}

interface Bar {
  readonly server: Server;
  readonly value: number;
}

function barsOf({ throughput }: Measured, servers: readonly Server[], work: Work): Bar[] {
  return servers.flatMap((server) => {
    // Cached answers are another work, and whole rows another floor: they stand in the tables.
    if (server.name === 'ours-cached' || server.name === 'passthrough-whole') return [];
    const value = ratio(throughput, work.name, server.name, BASELINE, 'perSecond');
    return value === undefined ? [] : [{ server, value }];
  });
}

function panel({ title }: Work, bars: readonly Bar[], y: number): string {
  const longest = Math.max(...bars.map(({ value }) => value));
  const lines = bars.map(({ server, value }, index) => {
    const top = y + HEAD - 8 + index * (BAR + GAP);
    const length = Math.max(1, (value / longest) * BARS);
    const kind = server.name === BASELINE ? 'floor' : server.name === 'ours' ? 'ours' : 'bar';
    const own = server.name === 'ours' ? ['ours-label', 'ours-value'] : ['label', 'value'];
    return [
      `  <text class="${own[0]}" x="${LABELS - 10}" y="${top + 12}" text-anchor="end">${escapeXml(server.title)}</text>`,
      `  <rect class="${kind}" x="${LABELS}" y="${top}" width="${length.toFixed(1)}" height="${BAR}" rx="2"/>`,
      `  <text class="${own[1]}" x="${(LABELS + length + 8).toFixed(1)}" y="${top + 12}">${figure(value)}</text>`,
    ].join('\n');
  });
  return [`  <text class="work" x="0" y="${y + 12}">${escapeXml(title)}</text>`, ...lines].join('\n');
}
