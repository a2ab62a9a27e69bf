/**
 * Preloaded into a gateway: its system time is ahead by as many ms as its parent last sent, back when below 0; each is acknowledged.
 * Timers and `performance.now` are as they are, as when somebody sets the time of a machine.
 */
const System = Date;
let ahead = 0;
const now = () => System.now() + ahead;

globalThis.Date = new Proxy(System, {
  construct: (_target, args, newTarget) => Reflect.construct(System, args.length > 0 ? args : [now()], newTarget),
  apply: () => new System(now()).toString(),
  get: (_target, key, receiver) => (key === 'now' ? now : Reflect.get(System, key, receiver)),
});

process.on('message', (ms) => {
  ahead = Number(ms);
  process.send?.(ahead);
});
process.channel?.unref();
