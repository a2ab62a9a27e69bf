import fc from 'fast-check';
import { buildSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import { both } from './support/both.ts';
import { later } from './support/promises.ts';
import { useUnhandled } from './support/unhandled.ts';

/** `npm run test:soak` tries 10,000 orders. */
const RUNS = Number(process.env.EXECUTION_ORDERS ?? 300);

const schema = buildSchema(`
  type Node { a: Int b: Int! child: Node must: Node! list: [Node] musts: [Node!]! }
  type Query { a: Int node: Node nodes: [Node!] }
  type Mutation { one(n: Int): Node! two: Node three: Int }
`);

/** An error or a value, immediately or after some microtasks. */
type Outcome = readonly [turns: number, fails: boolean];

const outcomes = fc.array(
  fc.tuple(
    fc.nat(6),
    fc.nat(3).map((roll) => roll === 0),
  ),
  { minLength: 40, maxLength: 40 },
);

/** A tree whose fields settle by the outcomes, in the order in which they are executed. */
function tree(given: readonly Outcome[]): unknown {
  let next = 0;
  const settle = (value: () => unknown) => (): unknown => {
    const [turns, fails] = given[next++ % given.length] ?? [0, false];
    const outcome = fails ? new Error(`failure ${next}`) : value();
    if (turns > 0) return later(outcome, turns);
    return outcome;
  };
  const node = (depth: number): unknown => ({
    a: settle(() => 1),
    b: settle(() => 2),
    child: settle(() => (depth > 0 ? node(depth - 1) : null)),
    must: settle(() => (depth > 0 ? node(depth - 1) : null)),
    list: settle(() => [node(depth - 1), settle(() => node(0))(), null]),
    musts: settle(() => [node(0), settle(() => node(0))()]),
  });
  return { a: settle(() => 0), node: settle(() => node(2)), nodes: settle(() => [node(1), settle(() => node(1))()]) };
}

describe('errors', () => {
  const unhandled = useUnhandled();
  const source = `{
    a node { ...N list { ...N } musts { ...N } child { ...N must { ...N } } } nodes { ...N list { a b } child { musts { b a } } }
  } fragment N on Node { a b child { a b } must { b } }`;

  it('have the order of graphql-js, in whatever order promises settle', async () => {
    let several = 0;
    await fc.assert(
      fc.asyncProperty(outcomes, async (given) => {
        const { compiled, interpreted } = await both({
          schema,
          source,
          root: () => tree(given),
          afterPlan: async () => expect(await unhandled.take()).toBe(0),
        });
        await unhandled.take();
        expect(compiled).toBe(interpreted);
        several += compiled.split('"message"').length > 3 ? 1 : 0;
      }),
      { numRuns: RUNS, seed: 1 },
    );
    expect(several).toBeGreaterThan(RUNS / 2);
  }, 600_000);
});

describe('mutations', () => {
  const run = async (source: string, fail?: string) => {
    const logs: string[][] = [];
    const root = () => {
      const log: string[] = [];
      logs.push(log);
      const step = (name: string, turns: number) => async () => {
        log.push(`${name} starts`);
        await later(undefined, turns);
        log.push(`${name} ends`);
        if (name === fail) throw new Error(`${name} fails`);
        return { a: step(`${name}.a`, 3), b: 2 };
      };
      return { one: step('one', 5), two: step('two', 1), three: () => log.push('three') };
    };
    const { compiled, interpreted } = await both({ schema, source, root });
    expect(compiled).toBe(interpreted);
    expect(logs[0]).toEqual(logs[1]);
    return { compiled, log: logs[0] };
  };

  it('run one after the other, each with its whole selection', async () => {
    const { log, compiled } = await run('mutation { three one { a b } x: three two { a } y: one(n: 2) { b } }');
    expect(compiled).toContain('"x":6');
    expect(log).toEqual([
      ...['three', 'one starts', 'one ends', 'one.a starts', 'one.a ends', 'three'],
      ...['two starts', 'two ends', 'two.a starts', 'two.a ends', 'one starts', 'one ends'],
    ]);
  });

  it('continue after a nullable one failed', async () => {
    const { compiled, log } = await run('mutation { two { a } three }', 'two');
    expect(compiled).toContain('"data":{"two":null,"three":');
    expect(log).toEqual(['two starts', 'two ends', 'three']);
  });

  it('stop after a non-null one failed', async () => {
    const { compiled, log } = await run('mutation { three one { a } two { a } }', 'one');
    expect(compiled).toContain('"data":null');
    expect(log).toEqual(['three', 'one starts', 'one ends']);
  });
});
