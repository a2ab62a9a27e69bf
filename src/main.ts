import { constants, openSync, readFileSync } from 'node:fs';
import { type Config, ConfigError, loadConfig } from './config.ts';
import { createGateway, type Gateway } from './gateway.ts';
import { type LogDestination, LogOutput } from './observability/log.ts';
import { ReadableLog } from './observability/readable-log.ts';
import { bannerOf } from './start/banner.ts';
import { helpText, readCommand } from './start/command-line.ts';

/** Entry point. The only file that uses the environment, signals and the exit code of the process. */

const VERSION: string = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;

/** A one-line message for an error at startup. */
function explain(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  const { code, port, address, hostname } = error as Record<string, string | undefined>;
  if (code === 'EADDRINUSE')
    return `Port ${port} is in use. Set PORT (or SIMULATOR_PORT) to another port, or stop the process that uses it.`;
  if (code === 'EACCES') return `This user may not listen on port ${port}. Set PORT to another port.`;
  // ENOTFOUND: the name does not exist. EAI_AGAIN: no DNS server responded.
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `HOST must be an address of this machine, got "${address ?? hostname}".`;
  return error instanceof Error ? error.message : String(error);
}

function printBanner({ url, simulator }: Gateway, config: Config): void {
  const embedded = simulator && {
    url: simulator.url,
    waldur: simulator.waldur,
    scale: simulator.clock.scale,
    activity: config.simulatorActivity,
    users: simulator.tokens(),
  };
  const { explorer: hasExplorer, waldurApiUrl: waldurUrl } = config;
  // In one write, so that no line of the log can be in the middle. console.log ignores an output that cannot be written.
  console.log(bannerOf({ version: VERSION, url, hasExplorer, waldurUrl, embedded }));
}

/**
 * A non-blocking file descriptor of standard error. A blocking write to a full pipe would occupy a thread and delay the exit of the
 * process. Accessing `process.stderr` makes pipes and sockets non-blocking. A terminal must be opened again.
 */
function logDescriptor(): number {
  const { fd, isTTY } = process.stderr;
  if (!isTTY) return fd;
  try {
    return openSync('/dev/stderr', constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return fd;
  }
}

/** People read a terminal; programs read anything else. */
function openLogOutput(): LogDestination {
  const output = new LogOutput(logDescriptor());
  process.once('exit', () => output.flushSync());
  return process.stderr.isTTY ? new ReadableLog(output, process.env.NO_COLOR === undefined) : output;
}

async function run(): Promise<void> {
  const config = loadConfig(process.env);
  const gateway = await createGateway(config, { logTo: openLogOutput() });
  printBanner(gateway, config);
  const stop = async (): Promise<void> => {
    // Exit even if closing hangs. Otherwise the orchestrator has to kill the process, which delays a rolling update.
    setTimeout(() => process.exit(0), config.shutdownTimeoutMs + config.socketDrainMs + 1_000).unref();
    await gateway.close();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

try {
  const command = readCommand(process.argv.slice(2));
  if (command === 'help') process.stdout.write(helpText(VERSION));
  else if (command === 'version') process.stdout.write(`${VERSION}\n`);
  else await run();
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
}
