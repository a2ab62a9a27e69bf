import { type Simulator, startSimulator } from '../../simulator/server.ts';
import { heldPace, type Pace } from './life/pace.ts';

/** An embedded Waldur for the checks. */
export interface Embedded {
  readonly url: string;
  /** Of a user who sees and may change the snapshots of a customer. */
  readonly token: string;
  readonly staffToken: string;
  readonly pace: Pace;
  close(): Promise<void>;
}

/** Its time is frozen and advances only while a check waits, so every run is the same. */
export async function startEmbedded(waldur: '2024' | '2026'): Promise<Embedded> {
  const simulator = await startSimulator({ frozen: true, waldur });
  return {
    url: simulator.url,
    token: tokenOf(simulator, 'owner'),
    staffToken: tokenOf(simulator, 'staff'),
    pace: heldPace(simulator.clock),
    close: () => simulator.close(),
  };
}

function tokenOf(simulator: Simulator, role: string): string {
  const entry = simulator.tokens().find((one) => one.role === role);
  if (entry === undefined) throw new Error(`the embedded Waldur has no ${role}`);
  return entry.token;
}
