import { describe, expect, it } from 'vitest';
import { parseArguments, UsageError } from '../../tools/conformance/arguments.ts';
import { run } from './support/cli.ts';

const URL_AND_TOKEN = ['--url', 'https://waldur.example.org', '--token', 'secret'];
const UUID = '6f1c2a5b-e0a9-4d0d-b3b7-a1c7c05d1e42';

describe('the command line', () => {
  it('without arguments checks the embedded Waldur, read-only', () => {
    expect(parseArguments([], { WALDUR_TOKEN: 'secret', WALDUR_STAFF_TOKEN: 'staff' })).toEqual({
      target: { kind: 'embedded', waldur: '2026' },
      destructive: false,
      json: false,
      volume: undefined,
      staffToken: undefined,
      timeoutMs: 180_000,
    });
  });

  it('supports all arguments', () => {
    const words = [
      '--destructive',
      '--volume',
      UUID.toUpperCase(),
      '--staff-token',
      'staff',
      '--timeout',
      '2.5',
      '--json',
    ];
    expect(
      parseArguments([...URL_AND_TOKEN, ...words], { WALDUR_TOKEN: 'other', WALDUR_STAFF_TOKEN: 'other' }),
    ).toEqual({
      target: { kind: 'url', url: 'https://waldur.example.org', token: 'secret' },
      destructive: true,
      json: true,
      volume: UUID.replaceAll('-', ''),
      staffToken: 'staff',
      timeoutMs: 2500,
    });
  });

  it('takes tokens from the environment when a URL is given', () => {
    const words = ['--url', 'https://waldur.example.org', '--destructive', '--volume', UUID];
    const environment = { WALDUR_TOKEN: 'secret', WALDUR_STAFF_TOKEN: 'staff' };
    expect(parseArguments(words, environment)).toMatchObject({ target: { token: 'secret' }, staffToken: 'staff' });
  });

  it.each([
    [['--url', 'https://waldur.example.org'], '--url requires --token TOKEN or the variable WALDUR_TOKEN'],
    [['--token', 'secret'], '--token requires --url; the embedded Waldur has its own tokens'],
    [['--url', 'waldur', '--token', 'secret'], '--url must be an http:// or https:// URL'],
    [['--url', 'ftp://waldur', '--token', 'secret'], '--url must be an http:// or https:// URL'],
    [['--url', 'https://me:secret@waldur', '--token', 'secret'], '--url must not contain credentials'],
    [['--url', 'https://waldur', '--token', 'sec ret'], '--token must be one word of printable ASCII characters'],
    [
      ['--url', 'https://waldur', '--token', 'secret\r\nX: y'],
      '--token must be one word of printable ASCII characters',
    ],
    [
      [...URL_AND_TOKEN, '--destructive'],
      '--destructive requires --volume UUID, the volume of which snapshots are created',
    ],
    [[...URL_AND_TOKEN, '--volume', UUID], '--volume requires --destructive'],
    [[...URL_AND_TOKEN, '--staff-token', 'secret'], '--staff-token requires --destructive'],
    [[...URL_AND_TOKEN, '--waldur', '2024'], '--waldur must not be used with --url'],
    [['--destructive', '--volume', '../admin'], '--volume must be a UUID, with or without hyphens'],
    [['--waldur', '2025'], '--waldur must be 2024 or 2026, got "2025"'],
    [['--timeout', '0'], '--timeout must be a number of seconds above 0 and up to 86400, got "0"'],
    [['--timeout', ' '], '--timeout must be a number of seconds above 0 and up to 86400, got " "'],
    [['--nonsense'], 'invalid use of --nonsense; --help lists the options'],
    [['--token'], 'invalid use of --token; --help lists the options'],
    [['secret'], 'unexpected argument; --help lists the options'],
  ])('refuses %j', (words, message) => {
    expect(() => parseArguments(words, {})).toThrow(new UsageError(message));
  });

  it('an invalid argument is one line on stderr and exit code 2', async () => {
    expect(await run('--url', 'https://waldur.example.org')).toEqual({
      code: 2,
      out: '',
      err: 'conformance: --url requires --token TOKEN or the variable WALDUR_TOKEN\n',
    });
  });

  it('prints help', async () => {
    const { code, out } = await run('--help');
    expect(code).toBe(0);
    expect(out).toContain('--staff-token TOKEN');
  });
});
