import { median } from '../lib/statistics.ts';
import { range, reader, valuesOf } from './ranges.ts';
import type { RunRecord } from './record.ts';
import { BASELINE, SERVERS, type Server } from './servers.ts';
import { WORK_TITLES, type WorkName } from './works.ts';

const WIDTH = 860;
const LABELS = 230;
const VALUES = 110;
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
export function drawChart(runs: readonly RunRecord[]): string {
  const panels: string[] = [];
  let y = TOP;
  for (const work of Object.keys(WORK_TITLES) as WorkName[]) {
    const bars = barsOf(runs, work);
    panels.push(panel(WORK_TITLES[work], bars, y));
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
  readonly values: readonly number[];
}

function barsOf(runs: readonly RunRecord[], work: WorkName): Bar[] {
  return SERVERS.flatMap((server) => {
    // Cached answers are another work; they stand in the tables.
    if (server.name === 'ours-cached') return [];
    const values = valuesOf(runs, reader('plain', work, server.name, 'ofBaseline'));
    return values.length === 0 ? [] : [{ server, values }];
  });
}

function panel(title: string, bars: readonly Bar[], y: number): string {
  const longest = Math.max(...bars.map(({ values }) => median(values)));
  const lines = bars.map(({ server, values }, index) => {
    const top = y + HEAD - 8 + index * (BAR + GAP);
    const length = Math.max(1, (median(values) / longest) * BARS);
    const kind = server.name === BASELINE ? 'floor' : server.name === 'ours' ? 'ours' : 'bar';
    const own = server.name === 'ours' ? ['ours-label', 'ours-value'] : ['label', 'value'];
    return [
      `  <text class="${own[0]}" x="${LABELS - 10}" y="${top + 12}" text-anchor="end">${escapeXml(server.title)}</text>`,
      `  <rect class="${kind}" x="${LABELS}" y="${top}" width="${length.toFixed(1)}" height="${BAR}" rx="2"/>`,
      `  <text class="${own[1]}" x="${(LABELS + length + 8).toFixed(1)}" y="${top + 12}">${range(values)}</text>`,
    ].join('\n');
  });
  return [`  <text class="work" x="0" y="${y + 12}">${escapeXml(title)}</text>`, ...lines].join('\n');
}
