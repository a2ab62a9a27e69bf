import { describe, expect, it } from 'vitest';
import { createLogger } from '../../../src/observability/log.ts';
import { formatLine, ReadableLog } from '../../../src/observability/readable-log.ts';

/** What a logger writes through the formatter. */
function logged(log: (logger: ReturnType<typeof createLogger>) => void, hasColours = false): string {
  const lines: string[] = [];
  log(createLogger('trace', new ReadableLog({ write: (line) => void lines.push(line) }, hasColours)));
  return lines.join('');
}

describe('the log on a terminal', () => {
  it('is a line with time, level, message and fields', () => {
    const line = logged((log) => log.warn({ origin: 'http://a.example', count: 2, why: 'two words' }, 'Refused'));
    expect(line).toMatch(/^\d\d:\d\d:\d\d WARN {2}Refused origin=http:\/\/a\.example count=2 why="two words"\n$/);
  });

  it('shows the stack of an error in lines below', () => {
    const line = logged((log) => log.error({ err: new Error('broken') }, 'Failed'));
    expect(line).toMatch(/^\d\d:\d\d:\d\d ERROR Failed\n {4}Error: broken\n {4}at /);
    expect(line.endsWith('\n')).toBe(true);
  });

  it('colours the level where colours are wanted', () => {
    expect(logged((log) => log.info('x'), true)).toContain('\u001b[32mINFO \u001b[0m x\n');
  });

  it('escapes what could control the terminal or look like another line', () => {
    const line = logged((log) => log.info({ route: 'a\u001b[2Jb', other: 'c\u009bd' }, 'one\ntwo'));
    expect(line.slice(0, -1)).not.toMatch(/\p{Cc}/u);
    expect(line).toContain('one\\u000atwo');
  });

  it('keeps the redaction of secrets, and lines that are no JSON', () => {
    expect(logged((log) => log.info({ headers: { authorization: 'Token x' } }, 'y'))).toContain('[redacted]');
    expect(formatLine('not json\n', false)).toBe('not json\n');
  });
});
