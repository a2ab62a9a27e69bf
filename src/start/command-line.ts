import { parseArgs } from 'node:util';
import { ConfigError, SETTINGS } from '../config.ts';
import type { Setting } from '../setting-kinds.ts';

export type Command = 'run' | 'help' | 'version';

/** Reads the arguments. @throws ConfigError for an unknown one. */
export function readCommand(words: readonly string[]): Command {
  try {
    const { values } = parseArgs({
      args: [...words],
      options: { help: { type: 'boolean', short: 'h' }, version: { type: 'boolean', short: 'v' } },
    });
    if (values.help === true) return 'help';
    return values.version === true ? 'version' : 'run';
  } catch (error) {
    const [line] = String(error instanceof Error ? error.message : error).split('\n');
    throw new ConfigError(`${line} (npm start -- --help lists what is possible)`);
  }
}

/** The output of --help. */
export function helpText(version: string): string {
  const settings = Object.values(SETTINGS).map(
    ({ variable, fallback, description }: Setting<unknown>) =>
      `  ${variable.padEnd(28)}${firstSentence(description)}${shownDefault(fallback)}`,
  );
  return `Waldur snapshots gateway ${version}

Usage: npm start [-- --help | --version]

  --help, -h      prints this help
  --version, -v   prints the version

Settings are environment variables. npm start also reads them from the file .env; .env.example lists them. docs/configuration.md describes
them in full.

${settings.join('\n')}
`;
}

const firstSentence = (text: string): string => /^.*?\.(?=\s|$)/.exec(text)?.[0] ?? text;

const shownDefault = (value: unknown): string =>
  value === undefined || value === '' || (Array.isArray(value) && value.length === 0) ? '' : ` (${String(value)})`;
