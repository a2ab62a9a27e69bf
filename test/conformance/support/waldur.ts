import { onTestFinished } from 'vitest';
import type { SimulatorOptions } from '../../../src/simulator/options.ts';
import { type Simulator, startSimulator } from '../../../src/simulator/server.ts';

/** An embedded Waldur of the test's own. */
export async function startWaldur(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  const simulator = await startSimulator({ frozen: true, ...options });
  onTestFinished(() => simulator.close());
  return simulator;
}

export function tokenOf(simulator: Simulator, role: string): string {
  const entry = simulator.tokens().find((one) => one.role === role);
  if (entry === undefined) throw new Error(`no ${role}`);
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

/** Names of what the suite made and that is still there. */
export function madeBySuite({ world: { tables } }: Simulator): string[] {
  const rows = [...tables.snapshots.values(), ...tables.volumes.values()];
  return rows.map(({ name }) => name).filter((name) => name.startsWith('conformance-'));
}
