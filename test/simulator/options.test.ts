import { describe, expect, it } from 'vitest';
import { DEFAULT_OPTIONS, OptionError, parseCommandLine } from '../../simulator/options.ts';

describe('command line', () => {
  it('works without arguments', () => {
    expect(parseCommandLine([])).toEqual({
      kind: 'run',
      datasetFile: undefined,
      options: { ...DEFAULT_OPTIONS, port: 4001, activity: true },
    });
  });

  it('takes every flag', () => {
    const words =
      '--port 0 --dataset d.json --frozen --scale 0.5 --seed 9 --snapshots 10000 --activity off --waldur 2024 --cost real --workers 4';
    expect(parseCommandLine(words.split(' '))).toEqual({
      kind: 'run',
      datasetFile: 'd.json',
      options: {
        port: 0,
        frozen: true,
        scale: 0.5,
        seed: 9,
        snapshots: 10_000,
        activity: false,
        waldur: '2024',
        cost: 'real',
        workers: 4,
      },
    });
  });

  it('prints help', () => {
    const help = parseCommandLine(['--help']);
    expect(help.kind).toBe('help');
    for (const flag of [
      'port',
      'dataset',
      'frozen',
      'scale',
      'seed',
      'snapshots',
      'activity',
      'waldur',
      'cost',
      'workers',
    ]) {
      expect(help).toHaveProperty('text', expect.stringContaining(`--${flag}`));
    }
  });

  it.each([
    [['--port', '70000'], '--port must be an integer from 0 to 65535, got "70000"'],
    [['--port', '12.5'], '--port must be an integer'],
    [['--port', ''], '--port must be an integer'],
    [['--scale', '0'], '--scale must be a number from 0.001'],
    [['--scale', 'fast'], 'got "fast"'],
    [['--seed', '-1'], '--seed'],
    [['--snapshots', '10001'], '--snapshots must be an integer from 1 to 10000'],
    [['--waldur', '2025'], '--waldur must be 2024 or 2026, got "2025"'],
    [['--cost', 'much'], '--cost must be none or real, got "much"'],
    [['--cost', 'real', '--workers', '0'], '--workers must be an integer from 1 to 1000, got "0"'],
    [['--workers', '4'], '--workers needs --cost real'],
    [['--froze'], "Unknown option '--froze'"],
    [['--port'], '--port'],
    [['dataset.json'], 'dataset.json'],
  ])('refuses %j in one line', (words, message) => {
    const parse = () => parseCommandLine(words);
    expect(parse).toThrow(OptionError);
    expect(parse).toThrow(message);
    expect(parse).not.toThrow('\n');
  });
});
