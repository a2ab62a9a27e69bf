/**
 * Where the editor finds its workers: beside this script, whatever the path prefix of the page is. They are files, because the
 * Content-Security-Policy of the page forbids workers from `blob:` addresses.
 */
const WORKERS: Readonly<Record<string, string>> = { json: './json.worker.js', graphql: './graphql.worker.js' };

self.MonacoEnvironment = {
  getWorker: (_id, label) =>
    new Worker(new URL(WORKERS[label] ?? './editor.worker.js', import.meta.url), { type: 'module', name: label }),
};
