/** The gateway as `npm start` runs it, in a process that tells its memory when asked. */
import { loadConfig } from '../../src/config.ts';
import { createGateway } from '../../src/gateway.ts';

const { LIVE_TUNING } = process.env;
const gateway = await createGateway(loadConfig(process.env), {
  ...(LIVE_TUNING !== undefined && { live: JSON.parse(LIVE_TUNING) }),
});

process.on('message', () => {
  // Twice: the first one leaves what has finalizers.
  globalThis.gc?.();
  globalThis.gc?.();
  process.send?.({ residentKib: process.memoryUsage().rss / 1024, heapKib: process.memoryUsage().heapUsed / 1024 });
});
process.once('disconnect', () => void gateway.close());
console.log(gateway.url);
