import { createClient } from '@redis/client';

/** What Redis has done and holds; all but the memory since its start. */
export interface RedisUse {
  readonly commands: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly cpuMs: number;
  readonly memoryBytes: number;
}

/** Reads the counters of a Redis. The commands of this connection are not counted. */
export class RedisProbe {
  readonly close: () => void;
  readonly #info: () => Promise<string>;
  #own = 0;

  private constructor(info: () => Promise<string>, close: () => void) {
    this.#info = info;
    this.close = close;
  }

  static async connect(url: string): Promise<RedisProbe> {
    const client = createClient({ url });
    await client.connect();
    return new RedisProbe(
      () => client.info(),
      () => client.destroy(),
    );
  }

  async use(): Promise<RedisUse> {
    const text = await this.#info();
    const number = (name: string): number => Number(new RegExp(`^${name}:(.+)$`, 'm').exec(text)?.[1]);
    // INFO itself is counted after its answer.
    const commands = number('total_commands_processed') - this.#own;
    this.#own += 1;
    return {
      commands,
      bytesIn: number('total_net_input_bytes'),
      bytesOut: number('total_net_output_bytes'),
      cpuMs: 1_000 * (number('used_cpu_user') + number('used_cpu_sys')),
      memoryBytes: number('used_memory'),
    };
  }
}

/** What was used between two readings, for each second; the memory is that of the later one. */
export function usedPerSecond(before: RedisUse, after: RedisUse, ms: number): RedisUse {
  const rate = (of: keyof RedisUse): number => ((after[of] - before[of]) * 1_000) / ms;
  return {
    commands: rate('commands'),
    bytesIn: rate('bytesIn'),
    bytesOut: rate('bytesOut'),
    cpuMs: rate('cpuMs'),
    memoryBytes: after.memoryBytes,
  };
}
