import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  deletedImageId,
  globalId,
  NODE_TYPES,
  parseId,
  restorationId,
  snapshotId,
  volumeId,
} from '../../../src/graph/ids.ts';

const hex = fc.stringMatching(/^[0-9a-f]{32}$/);

describe('global ids', () => {
  it('are decoded to what was encoded', () => {
    fc.assert(
      fc.property(hex, hex, (uuid, other) => {
        expect(parseId(snapshotId(uuid))).toEqual({ type: 'Snapshot', uuid });
        expect(parseId(volumeId(uuid))).toEqual({ type: 'Volume', uuid });
        for (const type of NODE_TYPES) expect(parseId(globalId(type, uuid))).toEqual({ type, uuid });
        expect(parseId(globalId('MarketplacePlan', uuid))).toEqual({ type: 'unfetched' });
        expect(parseId(deletedImageId(uuid))).toEqual({ type: 'unfetched' });
        expect(parseId(restorationId(other, uuid))).toEqual({ type: 'Restoration', uuid, snapshotUuid: other });
      }),
    );
  });

  it('are accepted only as the exact output of the encoder', () => {
    let accepted = 0;
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.base64String(),
          hex.map(snapshotId),
          hex.map(snapshotId).map((id) => `${id}=`),
        ),
        (text) => {
          const parsed = parseId(text);
          if (parsed === undefined || parsed.type === 'unfetched') return;
          const again =
            parsed.type === 'Restoration'
              ? restorationId(parsed.snapshotUuid, parsed.uuid)
              : globalId(parsed.type, parsed.uuid);
          expect(again).toBe(text);
          accepted += 1;
        },
      ),
    );
    expect(accepted).toBeGreaterThan(0);
  });

  it.each([
    '',
    'x',
    'U25hcHNob3Q6Li4',
    `${'A'.repeat(200)}`,
    Buffer.from('Tenant:'.padEnd(38, 'a')).toString('base64url'),
    Buffer.from('Quota:'.padEnd(38, 'a')).toString('base64url'),
  ])('refuse %j', (text) => {
    expect(parseId(text)).toBeUndefined();
  });

  it('refuse a trailing character that base64 would ignore', () => {
    expect(parseId(`${snapshotId('a'.repeat(32))}=`)).toBeUndefined();
  });
});
