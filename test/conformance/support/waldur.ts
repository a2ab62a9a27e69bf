import { onTestFinished } from 'vitest';
import type { SimulatorOptions } from '../../../simulator/options.ts';
import { type Simulator, startSimulator } from '../../../simulator/server.ts';
import { heldPace } from '../../../tools/conformance/life/pace.ts';
import { conform, type Outcome } from '../../../tools/conformance/run.ts';

/** An embedded Waldur of the test's own. */
export async function startWaldur(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  const simulator = await startSimulator({ frozen: true, ...options });
  onTestFinished(() => simulator.close());
  return simulator;
}

export function tokenOf(simulator: Simulator, role: string, username?: string): string {
  const entry = simulator
    .tokens()
    .find((one) => (username === undefined ? one.role === role : one.username === username));
  if (entry === undefined) throw new Error(`no ${username ?? role}`);
  return entry.token;
}

/** A volume at rest in the first customer, whose owner is the user of that role. */
export function volumeOf(simulator: Simulator): string {
  const { tables } = simulator.world;
  const project = [...tables.projects.values()][0]?.uuid;
  const volume = [...tables.volumes.values()].find((row) => row.state === 'OK' && row.project_uuid === project);
  if (volume === undefined) throw new Error('no volume');
  return volume.uuid;
}

export interface Judging {
  /** Of the caller: the first user of a role, or one user. */
  readonly role?: string;
  readonly username?: string;
  /** The address that is judged, when it is not the Waldur's own. */
  readonly url?: string;
  readonly destructive?: boolean;
  /** Whether there is a token of staff besides. */
  readonly staff?: boolean;
}

/** Runs the suite in this process on a Waldur whose clock it holds, so that no check can come too late. */
export function judge(waldur: Simulator, given: Judging = {}): Promise<Outcome> {
  const { role = 'owner', username, url = waldur.url, destructive = false, staff = true } = given;
  return conform({
    url,
    token: tokenOf(waldur, role, username),
    destructive: destructive
      ? {
          volume: volumeOf(waldur),
          staffToken: staff ? tokenOf(waldur, 'staff') : undefined,
          timeoutMs: 600_000,
          pace: heldPace(waldur.clock),
        }
      : undefined,
    signal: new AbortController().signal,
    onStart: () => {},
    onResult: () => {},
  });
}

export const failedIn = ({ results }: Outcome): string[] =>
  results.filter(({ verdict }) => verdict === 'FAIL').map(({ id }) => id);

/** Names of what the suite made and that is still there. */
export function madeBySuite({ world: { tables } }: Simulator): string[] {
  const rows = [...tables.snapshots.values(), ...tables.volumes.values()];
  return rows.map(({ name }) => name).filter((name) => name.startsWith('conformance-'));
}
