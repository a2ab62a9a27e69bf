import { type ChildProcess, spawn } from 'node:child_process';
import { ROOT, startArguments } from './run.ts';

/** A gateway in a process of its own, started as `npm start` does. It is killed when this process ends. */
export interface GatewayProcess {
  readonly child: ChildProcess;
  readonly url: string;
}

/** @param settings environment variables beside those of this process. @throws when the gateway ends before it listens. */
export async function startGatewayProcess(settings: Readonly<Record<string, string>>): Promise<GatewayProcess> {
  const child = spawn(process.execPath, startArguments(), {
    cwd: ROOT,
    env: { ...process.env, PORT: '0', SIMULATOR_ACTIVITY: 'false', ...settings },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  process.once('exit', () => child.kill('SIGKILL'));
  const url = await new Promise<string>((resolve, reject) => {
    let printed = '';
    // Keep reading, otherwise the log fills the pipe.
    child.stderr.on('data', (chunk) => {
      printed = (printed + String(chunk)).slice(-10_000);
      const found = /listening at (http:\/\/127\.0\.0\.1:\d+)/.exec(printed)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once('exit', () => reject(new Error(`The gateway ended before it listened: ${printed}`)));
  });
  return { child, url };
}
