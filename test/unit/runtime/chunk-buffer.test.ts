import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ChunkBuffer } from '../../../src/runtime/chunk-buffer.ts';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

it('returns all bytes in order, however they were split', () => {
  const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, n) => (n * 31 + (n >> 8)) & 255));
  const lengths = fc.array(fc.oneof({ weight: 20, arbitrary: fc.nat(3) }, fc.nat(3_000)), {
    maxLength: 1_500,
    size: 'max',
  });
  fc.assert(
    fc.property(lengths, (all) => {
      const chunks = new ChunkBuffer();
      let at = 0;
      for (const length of all) {
        chunks.add(bytes.subarray(at, at + length));
        at = Math.min(at + length, bytes.length);
      }
      const whole = bytes.subarray(0, at);
      expect(chunks.whole().equals(whole)).toBe(true);
      expect(chunks.size).toBe(whole.length);
    }),
    { numRuns: 100 },
  );
});

it('returns a single chunk without a copy', () => {
  const chunks = new ChunkBuffer();
  const chunk = Buffer.from('all of it');
  chunks.add(chunk);
  expect(chunks.whole()).toBe(chunk);
});

it('holds a megabyte that arrives byte by byte in less than 8 MiB', () => {
  const used = (): number => {
    gc();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const before = used();
  const chunks = new ChunkBuffer();
  // As Node's parser makes them: each with its own memory.
  for (let n = 0; n < 1_048_576; n += 1) chunks.add(Buffer.from(new ArrayBuffer(1)));
  expect(chunks.size).toBe(1_048_576);
  expect(used() - before).toBeLessThan(8 * 1_048_576);
});
