import { readFileSync } from 'node:fs';
import { DatasetError, readDataset } from './dataset.ts';
import type { Dataset } from './model.ts';
import { OptionError, parseCommandLine, type SimulatorOptions } from './options.ts';
import { type Simulator, startSimulator } from './server.ts';

function datasetFrom(file: string): Dataset {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new OptionError(`--dataset: cannot read ${file}: ${error instanceof Error ? error.message : error}`);
  }
  try {
    return readDataset(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) throw new OptionError(`--dataset: ${file} is not JSON`);
    if (error instanceof DatasetError) throw new OptionError(`--dataset: ${file} is not a dataset: ${error.message}`);
    throw error;
  }
}

function greeting(simulator: Simulator, options: SimulatorOptions): string {
  const users = simulator.tokens();
  const width = Math.max(...users.map(({ username }) => username.length), 'user'.length) + 2;
  const rows = [{ username: 'user', role: 'role', token: 'token' }, ...users].map(
    ({ username, role, token }) => `  ${username.padEnd(width)}${role.padEnd(18)}${token}`,
  );
  const pace = options.frozen ? 'frozen' : `waits divided by ${options.scale}`;
  return [
    `Embedded Waldur (${options.waldur}, ${pace}) at ${simulator.url}/api/`,
    '',
    ...rows,
    '',
    `Try: curl -H 'Authorization: Token ${users[0]?.token ?? ''}' '${simulator.url}/api/openstack-snapshots/?page_size=1'`,
    '',
  ].join('\n');
}

async function run(): Promise<void> {
  const command = parseCommandLine(process.argv.slice(2));
  if (command.kind === 'help') {
    process.stdout.write(command.text);
    return;
  }
  const { datasetFile, options: flags } = command;
  const options: SimulatorOptions = datasetFile === undefined ? flags : { ...flags, dataset: datasetFrom(datasetFile) };
  const simulator = await startSimulator(options);
  process.stdout.write(greeting(simulator, options));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void simulator.close().then(() => process.exit(0)));
  }
}

/** One line for an error that the user can fix. A stack trace for a bug. */
function explain(error: unknown): string {
  if (error instanceof OptionError) return error.message;
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    return `the port is in use: ${error.message}; choose another with --port`;
  }
  return error instanceof Error && 'code' in error
    ? error.message
    : String(error instanceof Error ? error.stack : error);
}

try {
  await run();
} catch (error) {
  process.stderr.write(`simulator: ${explain(error)}\n`);
  process.exit(1);
}
