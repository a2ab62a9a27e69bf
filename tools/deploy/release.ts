import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { ROOT } from '../run.ts';
import { ACTIONLINT, builtByGo, call, type Found } from './programs.ts';
import { judge, type Outcome, skipped } from './proof.ts';

const FOLDER = path.join(ROOT, '.github/workflows');

interface Workflow {
  readonly permissions?: unknown;
  readonly jobs: Readonly<
    Record<string, { readonly steps: readonly { readonly uses?: string; readonly run?: string }[] }>
  >;
}

/** Workflows use actions by the hash of a commit only, have no rights unless a job names them, and put no expression into a script. */
export function checkWorkflows(): Outcome {
  const files = readdirSync(FOLDER);
  const problems = files.flatMap((file) => {
    const { permissions, jobs } = parse(readFileSync(path.join(FOLDER, file), 'utf8')) as Workflow;
    const steps = Object.values(jobs).flatMap((job) => job.steps);
    const moving = steps.flatMap(({ uses }) =>
      uses === undefined || /^[\w./-]+@[0-9a-f]{40}$/.test(uses) ? [] : [`${uses} can be moved`],
    );
    const injected = steps.flatMap(({ run }) =>
      run?.includes('${{') === true ? [`an expression in a script: ${run}`] : [],
    );
    const rights = JSON.stringify(permissions) === '{"contents":"read"}' ? [] : ['permissions must be contents: read'];
    return [...moving, ...injected, ...rights].map((problem) => `${file}: ${problem}`);
  });
  return judge(problems, `${files.length} workflows, actions pinned by hash`);
}

/** The workflows by actionlint, which knows the syntax of GitHub. */
export function lintWorkflows(found: Found = builtByGo(ACTIONLINT)): Outcome {
  if ('missing' in found) return skipped(found.missing);
  const { status, stdout, stderr } = call(found.file, ['-no-color']);
  return judge(status === 0 ? [] : [`${stdout}${stderr}`.trim()], 'actionlint');
}
