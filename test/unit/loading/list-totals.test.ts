import { describe, expect, it } from 'vitest';
import { ListTotals } from '../../../src/loading/list-totals.ts';

describe('lengths of lists', () => {
  it('that are learned again and again stay when others go', () => {
    const totals = new ListTotals(() => 0);
    for (let n = 0; n < 20_000; n++) {
      totals.learn('often', n);
      totals.learn(`once ${n}`, 1);
    }
    expect(totals.recall('often')).toBe(19_999);
    expect(totals.recall('once 0')).toBeUndefined();
  });

  it('are forgotten after a minute', () => {
    let now = 0;
    const totals = new ListTotals(() => now);
    totals.learn('list', 7);
    now = 60_000;
    expect(totals.recall('list')).toBe(7);
    now = 60_001;
    expect(totals.recall('list')).toBeUndefined();
  });
});
