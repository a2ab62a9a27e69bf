import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';

/**
 * How much is fuzzed. `FUZZ_REQUESTS`: requests in all, 1,500 unless set; `FUZZ_SEED`: a number to repeat a run. Without it a short
 * run always takes the same seed, so that `npm test` says the same about the same code, and a long one a new seed each time.
 */
const DEFAULT_REQUESTS = 1_500;
const requests = Number(process.env.FUZZ_REQUESTS ?? DEFAULT_REQUESTS);
/** Long enough to tell a leak from caches, informers and compiled code that are filling up. */
export const isLong = requests >= 50_000;
const seed = Number(process.env.FUZZ_SEED ?? (requests > DEFAULT_REQUESTS ? Date.now() % 2 ** 31 : 20_241_025));

/** For a whole subject, shrinking included, in ms. */
export const TIMEOUT_MS = requests > DEFAULT_REQUESTS ? 3_600_000 : 60_000;

/** Inputs that are sent at the same time: some faults need company. */
const TOGETHER = 8;

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

const heapBytes = (): number => {
  gc();
  gc();
  return process.memoryUsage().heapUsed;
};

export interface Figures {
  readonly subject: string;
  readonly seed: number;
  readonly sent: number;
  readonly seconds: number;
  /** Heap after collection, in MiB: when the caches are warm, and at the end. */
  readonly warmMiB: number;
  readonly endMiB: number;
  /** Growth of the heap for each input once warm, in bytes, by least squares. */
  readonly slope: number;
}

export interface FuzzOptions<Input> {
  readonly subject: string;
  /** Of all requests, 0 to 1. */
  readonly share: number;
  readonly inputs: fc.Arbitrary<Input>;
  /** What is wrong with the answer; undefined: nothing. Throwing is a finding too. */
  readonly send: (input: Input) => Promise<string | undefined>;
  /** After each handful: puts the world back, and says what is wrong with the process. */
  readonly between?: () => Promise<string | undefined> | string | undefined;
}

/**
 * Sends generated inputs until one is answered wrongly, which is then made as small as it can be; its seed and path stand in the
 * error. Prints the figures in one line.
 */
export async function fuzz<Input>({ subject, share, inputs, send, between }: FuzzOptions<Input>): Promise<Figures> {
  const numRuns = Math.ceil((requests * share) / TOGETHER);
  const sampleEvery = Math.max(1, Math.floor(numRuns / (isLong ? 40 : 4)));
  const samples: Sample[] = [];
  const started = performance.now();
  let sent = 0;
  let runs = 0;
  console.info(`fuzz ${subject}: seed ${seed}, ${numRuns * TOGETHER} inputs`);
  await fc.assert(
    fc.asyncProperty(fc.array(inputs, { minLength: TOGETHER, maxLength: TOGETHER }), async (together) => {
      const complaints = await Promise.all(together.map(send));
      sent += together.length;
      complaints.push(await between?.());
      const wrong = complaints.filter((complaint) => complaint !== undefined);
      if (wrong.length > 0) throw new Error(wrong.join('\n'));
      runs += 1;
      if (runs % sampleEvery === 0) samples.push({ sent, bytes: heapBytes() });
    }),
    // Inputs are large; smaller ones are looked for, but not for ever.
    { numRuns, seed, interruptAfterTimeLimit: TIMEOUT_MS - 10_000, markInterruptAsFailure: true },
  );
  // Caches and compiled code fill in the first half.
  const warm = samples.slice(Math.floor(samples.length / 2));
  const figures = {
    subject,
    seed,
    sent,
    seconds: Math.round((performance.now() - started) / 1000),
    warmMiB: mebibytes(warm[0]?.bytes ?? heapBytes()),
    endMiB: mebibytes(heapBytes()),
    slope: Math.round(slopeOf(warm)),
  };
  console.info(`fuzz ${JSON.stringify(figures)}`);
  return figures;
}

interface Sample {
  readonly sent: number;
  readonly bytes: number;
}

const mebibytes = (bytes: number): number => Math.round(bytes / 104_857.6) / 10;

/** Bytes for each input by least squares. */
function slopeOf(samples: readonly Sample[]): number {
  const mean = (of: (sample: Sample) => number) => samples.reduce((sum, one) => sum + of(one), 0) / samples.length;
  const meanSent = mean(({ sent }) => sent);
  const meanBytes = mean(({ bytes }) => bytes);
  const covariance = mean(({ sent, bytes }) => (sent - meanSent) * (bytes - meanBytes));
  const variance = mean(({ sent }) => (sent - meanSent) ** 2);
  return variance === 0 ? 0 : covariance / variance;
}

/** Left out in most inputs: what is wrong in every one of them hides everything behind it. */
export const rarely = <Value>(values: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.oneof({ weight: 11, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: values });
