import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { PrintedList } from '../../src/graphql/printing/list.ts';
import { latest } from '../../src/latest.ts';
import { useGateway } from '../support/gateway.ts';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

const LIST = '{ snapshots(first: 20) { nodes { uuid name state } } }';
const gateway = useGateway();
const kinds = Object.keys(latest) as (keyof typeof latest)[];

/** By weak references, as V8 holds the classes of objects. */
const held = (): (readonly [string, WeakRef<object>])[] =>
  kinds.flatMap((kind) => (latest[kind] === undefined ? [] : [[kind, new WeakRef(latest[kind])] as const]));
const alive = (all: ReturnType<typeof held>): string[] =>
  all.filter(([, object]) => object.deref() !== undefined).map(([kind]) => kind);

it('keeps one object of each kind alive at rest, and no more', async () => {
  // The first goes through the pipeline, the second is compiled.
  for (let time = 0; time < 3; time += 1) expect((await gateway().query(LIST)).errors).toBeUndefined();
  const before = held();
  expect(alive(before)).toEqual(kinds);
  // What a reference was read of lives until the end of the turn.
  await new Promise(setImmediate);
  gc();
  expect(alive(before)).toEqual(kinds);

  await gateway().query(LIST);
  await expect
    .poll(() => {
      gc();
      return alive(before);
    })
    .toEqual([]);
  expect(alive(held())).toEqual(kinds);
});

it.each([LIST, '{ one: snapshots(first: 20) { nodes { uuid } } two: snapshots(first: 30) { nodes { name } } }'])(
  'holds nothing of what was printed: %s',
  async (document) => {
    for (let time = 0; time < 3; time += 1) expect((await gateway().query(document)).errors).toBeUndefined();
    const { printedList } = latest;
    expect(printedList instanceof PrintedList && printedList.bytes.length).toBe(0);
  },
);
