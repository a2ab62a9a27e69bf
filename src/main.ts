import { constants, openSync } from 'node:fs';
import { type Config, ConfigError, loadConfig, unknownVariables } from './config.ts';
import { createGateway, type Gateway } from './gateway.ts';
import { createLogger, type LogDestination, LogOutput } from './observability/log.ts';
import { ReadableLog } from './observability/readable-log.ts';
import { VERSION } from './observability/version.ts';
import { bannerOf } from './start/banner.ts';
import { helpText, readCommand } from './start/command-line.ts';

/** Entry point. The only file that uses the environment, signals and the exit code of the process. */

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

async function printBanner(
  { url, waldur: { url: waldurUrl, readVersion }, simulator }: Gateway,
  config: Config,
): Promise<void> {
  const waldur = { url: waldurUrl, version: await readVersion() };
  const embedded = simulator && {
    waldur: simulator.waldur,
    scale: simulator.clock.scale,
    activity: config.simulatorActivity,
    users: simulator.tokens(),
  };
  const { explorer: hasExplorer, dashboard: hasDashboard } = config;
  // In one write, so that no line of the log can be in the middle. console.log ignores an output that cannot be written.
  console.log(bannerOf({ version: VERSION, url, hasExplorer, hasDashboard, waldur, embedded }));
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

/** The time that Kubernetes needs to tell its balancers that a pod is not ready. Nobody at a terminal wants to wait for it. */
const DRAIN_DELAY_MS = 5_000;

function loadSettings(): Config {
  const config = loadConfig(process.env);
  return { ...config, drainDelayMs: config.drainDelayMs ?? (process.stdout.isTTY ? 0 : DRAIN_DELAY_MS) };
}

function warnOfUnknownVariables(config: Config, logTo: LogDestination): void {
  const variables = unknownVariables(process.env);
  if (variables.length === 0) return;
  const meant = variables.map(({ name, nearest }) => `${name} (${nearest} may be meant)`).join(', ');
  createLogger(config.logLevel, logTo).warn({ variables }, `Unknown variables look like settings: ${meant}`);
}

/** On Ctrl-C a terminal signals npm and the gateway, and npm passes its signal on: two signals within this time are one, in ms. */
const SAME_SIGNAL_MS = 200;

/** Stops the gateway at the first signal; a second one ends the process at once. */
function stopOnSignals(gateway: Gateway, { drainDelayMs = 0, socketDrainMs, shutdownTimeoutMs }: Config): void {
  let stoppingSince: number | undefined;
  const stop = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    if (stoppingSince !== undefined) {
      if (signal !== 'SIGINT' || now - stoppingSince > SAME_SIGNAL_MS) process.exit(0);
      return;
    }
    stoppingSince = now;
    // Exit even if closing hangs. Otherwise the orchestrator has to kill the process, which delays a rolling update.
    setTimeout(() => process.exit(0), drainDelayMs + Math.max(shutdownTimeoutMs, socketDrainMs) + 1_000).unref();
    void gateway.close();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

async function run(): Promise<void> {
  const config = loadSettings();
  const logTo = openLogOutput();
  warnOfUnknownVariables(config, logTo);
  const gateway = await createGateway(config, { logTo });
  stopOnSignals(gateway, config);
  await printBanner(gateway, config);
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
