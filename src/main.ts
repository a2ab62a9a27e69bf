import { constants, openSync } from 'node:fs';
import { ConfigError, loadConfig } from './config.ts';
import { createGateway, type Gateway } from './gateway.ts';
import { LogOutput } from './observability/log.ts';

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

/** Prints the URLs and, with the embedded Waldur, the demo tokens. */
function printBanner({ url, simulator }: Gateway): void {
  console.log(`GraphiQL        ${url}/`);
  console.log(`GraphQL         ${url}/graphql`);
  if (simulator === undefined) return;
  console.log(`Embedded Waldur ${simulator.url}/api/ (no real cloud is affected)\n`);
  console.log('Demo users. Send a token in the header "Authorization: Token TOKEN":');
  for (const { role, username, token } of simulator.tokens()) {
    console.log(`  ${role.padEnd(10)} ${username.padEnd(16)} ${token}`);
  }
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

try {
  const config = loadConfig(process.env);
  const logTo = new LogOutput(logDescriptor());
  process.once('exit', () => logTo.flushSync());
  const gateway = await createGateway(config, { logTo });
  printBanner(gateway);
  const stop = async (): Promise<void> => {
    // Exit even if closing hangs. Otherwise the orchestrator has to kill the process, which delays a rolling update.
    setTimeout(() => process.exit(0), config.shutdownTimeoutMs + config.socketDrainMs + 1_000).unref();
    await gateway.close();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
}
