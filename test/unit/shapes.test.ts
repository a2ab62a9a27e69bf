import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** Runs where V8 tells whether objects have the same hidden class. */
const evaluated = (script: string): unknown =>
  JSON.parse(
    execFileSync(process.execPath, ['--allow-natives-syntax', '--input-type=module', '-e', script], {
      cwd: ROOT,
      encoding: 'utf8',
    }),
  );

it('objects of the classes of ticks, immediates and bodies are held from the start', () => {
  const script = `
    import './bin/shapes.mjs';
    import { createHook } from 'node:async_hooks';
    import { createServer } from 'node:http';
    const held = globalThis[Symbol.for('waldur-snapshots-gateway.shapes')];
    const isHeld = (object) => held.some((one) => %HaveSameMap(one, object));
    const found = {};
    createHook({ init(_id, type, _trigger, object) { if (type === 'TickObject') found.tick = isHeld(object); } }).enable();
    found.immediate = isHeld(setImmediate(() => {}));
    const server = createServer((request, response) => {
      request.on('data', (body) => {
        found.body = isHeld(body);
        response.end();
        server.close();
      });
    }).listen(0, '127.0.0.1', async () => {
      await fetch('http://127.0.0.1:' + server.address().port, { method: 'POST', body: 'x' });
      server.closeAllConnections();
      console.log(JSON.stringify(found));
    });`;
  expect(evaluated(script)).toEqual({ tick: true, immediate: true, body: true });
});
