import { constants, openSync } from 'node:fs';
import { ConfigError, loadConfig } from './config.ts';
import { createGateway, type Gateway } from './gateway.ts';
import { LogOutput } from './observability/log-output.ts';

/** The only file that touches the process: environment, signals, exit code. */

function explain(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  const { code, port, address, hostname } = error as Record<string, string | undefined>;
  if (code === 'EADDRINUSE')
    return `Port ${port} is in use. Choose another with PORT (or SIMULATOR_PORT), or end what uses it.`;
  if (code === 'EACCES') return `Port ${port} is not permitted to this user. Choose another with PORT.`;
  // A name is unknown, or nobody can be asked for it.
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `HOST is no address of this machine: ${address ?? hostname}`;
  return error instanceof Error ? error.message : String(error);
}

function greet({ url, simulator }: Gateway): void {
  console.log(`GraphiQL        ${url}/`);
  console.log(`GraphQL         ${url}/graphql`);
  if (simulator === undefined) return;
  console.log(`Embedded Waldur ${simulator.url}/api/ (nothing you do here reaches a real cloud)\n`);
  console.log('Send one of these as the header "Authorization: Token TOKEN":');
  for (const { role, username, token } of simulator.tokens()) {
    console.log(`  ${role.padEnd(10)} ${username.padEnd(16)} ${token}`);
  }
}

/**
 * Standard error, such that writing to it does not block: a pipe that nobody reads would hold a thread, and with it the end of the
 * process. Asking Node for the stream makes pipes and sockets non-blocking; a terminal has to be opened once more.
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

try {
  const config = loadConfig(process.env);
  const logTo = new LogOutput(logDescriptor());
  process.once('exit', () => logTo.flushSync());
  const gateway = await createGateway(config, { logTo });
  greet(gateway);
  const stop = async (): Promise<void> => {
    // What hangs beyond its time must not keep the process: an orchestrator would kill it, and other replicas wait for it.
    setTimeout(() => process.exit(0), config.shutdownTimeoutMs + config.socketDrainMs + 1_000).unref();
    await gateway.close();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
}
