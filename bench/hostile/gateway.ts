/** The gateway in a process of its own, which tells the CPU time it has used whenever it is asked. */
import { configWith } from '../../src/config.ts';
import { createGateway } from '../../src/gateway.ts';
import type { Reading } from './process.ts';

const gateway = await createGateway(configWith({ port: 0, simulatorPort: 0, logLevel: 'error' }));
const tell = (reading: Reading): void => void process.send?.(reading);

process.on('message', () => {
  const { user, system } = process.cpuUsage();
  tell({ kind: 'usage', cpuMs: (user + system) / 1_000, calls: gateway.simulator?.stats().total ?? 0 });
});
process.once('disconnect', () => void gateway.close());
tell({ kind: 'ready', url: gateway.url });
