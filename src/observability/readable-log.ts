import type { LogDestination, LogOutputEvents } from './log.ts';

/**
 * Writes the log as lines for people, for terminals. A formatter of this size needs no package: pino-pretty has eleven dependencies and
 * would replace `LogOutput`, which never blocks the process.
 */
export class ReadableLog implements LogDestination {
  readonly #output: LogDestination;
  readonly #hasColours: boolean;

  constructor(output: LogDestination, hasColours: boolean) {
    this.#output = output;
    this.#hasColours = hasColours;
  }

  listen(events: LogOutputEvents): void {
    this.#output.listen?.(events);
  }

  write(line: string): void {
    this.#output.write(formatLine(line, this.#hasColours));
  }
}

/** Name and colour of each level of pino. */
const LEVELS: Readonly<Record<number, readonly [name: string, colour: number]>> = {
  10: ['TRACE', 90],
  20: ['DEBUG', 90],
  30: ['INFO', 32],
  40: ['WARN', 33],
  50: ['ERROR', 31],
  60: ['FATAL', 31],
};

/** Fields of each line that say nothing on the terminal of the machine itself. */
const LEFT_OUT = new Set(['level', 'time', 'pid', 'hostname', 'msg', 'err']);

/** @param line one line of JSON by pino. Anything else is returned as it is. */
export function formatLine(line: string, hasColours: boolean): string {
  let entry: Record<string, unknown>;
  try {
    entry = JSON.parse(line);
  } catch {
    return line;
  }
  const { level, time, msg, err } = entry;
  const [name, colour] = LEVELS[Number(level)] ?? [String(level), 0];
  const fields = Object.entries(entry)
    .filter(([key]) => !LEFT_OUT.has(key))
    .map(
      ([key, value]) => `${key}=${typeof value === 'string' && /^\S+$/.test(value) ? value : JSON.stringify(value)}`,
    );
  const shownName = hasColours ? `\u001b[${colour}m${name.padEnd(5)}\u001b[0m` : name.padEnd(5);
  const text = [clockTime(Number(time)), shownName, printable([msg ?? '', ...fields].join(' '))].join(' ');
  return `${text.trimEnd()}\n${stackOf(err)}`;
}

const clockTime = (ms: number): string => {
  const date = new Date(ms);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
};

/** What a client sent must not control the terminal, nor look like a line of its own. */
const printable = (text: string): string =>
  text.replace(/\p{Cc}/gu, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);

function stackOf(err: unknown): string {
  if (typeof err !== 'object' || err === null) return '';
  const { stack, message } = err as { stack?: unknown; message?: unknown };
  const lines = String(stack ?? message ?? JSON.stringify(err)).split('\n');
  return lines.map((line) => `    ${printable(line.trim())}\n`).join('');
}
