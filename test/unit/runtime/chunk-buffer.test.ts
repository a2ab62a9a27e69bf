import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ChunkBuffer } from '../../../src/runtime/chunk-buffer.ts';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

it('are what came, in order, however it was cut', () => {
  const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, n) => (n * 31 + (n >> 8)) & 255));
  const lengths = fc.array(fc.oneof({ weight: 20, arbitrary: fc.nat(3) }, fc.nat(3_000)), {
    maxLength: 1_500,
    size: 'max',
  });
  fc.assert(
    fc.property(lengths, (all) => {
      const pieces = new ChunkBuffer();
      let at = 0;
      for (const length of all) {
        pieces.add(bytes.subarray(at, at + length));
        at = Math.min(at + length, bytes.length);
      }
      const whole = bytes.subarray(0, at);
      expect(pieces.whole().equals(whole)).toBe(true);
      expect(Buffer.concat(pieces.all).equals(whole)).toBe(true);
      expect(pieces.size).toBe(whole.length);
    }),
    { numRuns: 100 },
  );
});

it('one piece is no copy', () => {
  const pieces = new ChunkBuffer();
  const piece = Buffer.from('all of it');
  pieces.add(piece);
  expect(pieces.whole()).toBe(piece);
});

it('a megabyte that comes byte by byte takes no hundred of them', () => {
  const used = (): number => {
    gc();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const before = used();
  const pieces = new ChunkBuffer();
  // As Node's parser makes them: each in memory of its own.
  for (let n = 0; n < 1_048_576; n += 1) pieces.add(Buffer.from(new ArrayBuffer(1)));
  expect(pieces.size).toBe(1_048_576);
  expect(used() - before).toBeLessThan(8 * 1_048_576);
});
