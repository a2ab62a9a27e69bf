import { describe, expect, it } from 'vitest';
import { parseArguments, UsageError } from '../../tools/conformance/arguments.ts';
import { run } from './support/cli.ts';

const URL_AND_TOKEN = ['--url', 'https://waldur.example.org', '--token', 'secret'];
const UUID = '6f1c2a5b-e0a9-4d0d-b3b7-a1c7c05d1e42';

describe('the command line', () => {
  it('needs nothing: the embedded Waldur, read only', () => {
    expect(parseArguments([], { WALDUR_TOKEN: 'secret', WALDUR_STAFF_TOKEN: 'staff' })).toEqual({
      target: { kind: 'embedded', waldur: '2026' },
      destructive: false,
      json: false,
      volume: undefined,
      staffToken: undefined,
      timeoutMs: 180_000,
    });
  });

  it('is read whole', () => {
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

  it('takes tokens from the environment, for a Waldur that was named', () => {
    const words = ['--url', 'https://waldur.example.org', '--destructive', '--volume', UUID];
    const environment = { WALDUR_TOKEN: 'secret', WALDUR_STAFF_TOKEN: 'staff' };
    expect(parseArguments(words, environment)).toMatchObject({ target: { token: 'secret' }, staffToken: 'staff' });
  });

  it.each([
    [['--url', 'https://waldur.example.org'], '--url needs --token TOKEN, or WALDUR_TOKEN in the environment'],
    [['--token', 'secret'], '--token goes with --url; the embedded Waldur has its own'],
    [['--url', 'waldur', '--token', 'secret'], '--url takes an address that begins with http:// or https://'],
    [['--url', 'ftp://waldur', '--token', 'secret'], '--url takes an address that begins with http:// or https://'],
    [['--url', 'https://me:secret@waldur', '--token', 'secret'], '--url takes no user or password'],
    [['--url', 'https://waldur', '--token', 'sec ret'], '--token takes one word of printable ASCII characters'],
    [['--url', 'https://waldur', '--token', 'secret\r\nX: y'], '--token takes one word of printable ASCII characters'],
    [[...URL_AND_TOKEN, '--destructive'], '--destructive needs --volume UUID: snapshots are made of that volume'],
    [[...URL_AND_TOKEN, '--volume', UUID], '--volume goes with --destructive only'],
    [[...URL_AND_TOKEN, '--staff-token', 'secret'], '--staff-token goes with --destructive only'],
    [[...URL_AND_TOKEN, '--waldur', '2024'], '--waldur is for the embedded one only; what --url names tells itself'],
    [['--destructive', '--volume', '../admin'], '--volume takes 32 hexadecimal digits, with or without hyphens'],
    [['--waldur', '2025'], '--waldur takes 2024 or 2026, not "2025"'],
    [['--timeout', '0'], '--timeout takes a number of seconds up to 86400, not "0"'],
    [['--timeout', ' '], '--timeout takes a number of seconds up to 86400, not " "'],
    [['--nonsense'], '--nonsense cannot be used so; --help lists the options'],
    [['--token'], '--token cannot be used so; --help lists the options'],
    [['secret'], 'there is a word that belongs to no option; --help lists the options'],
  ])('refuses %j', (words, message) => {
    expect(() => parseArguments(words, {})).toThrow(new UsageError(message));
  });

  it('a mistake is one line on stderr and exit code 2', async () => {
    expect(await run('--url', 'https://waldur.example.org')).toEqual({
      code: 2,
      out: '',
      err: 'conformance: --url needs --token TOKEN, or WALDUR_TOKEN in the environment\n',
    });
  });

  it('explains itself', async () => {
    const { code, out } = await run('--help');
    expect(code).toBe(0);
    expect(out).toContain('--staff-token TOKEN');
  });
});
