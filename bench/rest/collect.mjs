// Preloaded into a server: it collects all garbage when it is told to, as V8 does by itself in a process that rests.
process.on('message', (message) => {
  if (message !== 'collect') return;
  globalThis.gc();
  process.send('collected');
});
// The channel alone must not keep a server alive that would end without it.
process.channel?.unref();
