import type { Generation } from '../model.ts';
import type { CloudError, Operation } from './cloud.ts';

/** The reason why a task failed, as the two strings that Waldur stores in the object. */
export interface Failure {
  message: string;
  traceback: string;
}

/** Thrown by a task. The timeline continues with its error steps. */
export class TaskError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

const HEADER = 'Traceback (most recent call last):\n';
const BETWEEN = '\nDuring handling of the above exception, another exception occurred:\n\n';

const frame = (file: string, line: number, name: string, code: string): string =>
  `  File "${file}", line ${line}, in ${name}\n    ${code}\n`;

/** Every task begins with these; the paths are shortened to `<src>` and `<lib>` as in the recordings. */
const TASK_FRAMES =
  frame('<lib>/celery/app/trace.py', 453, 'trace_task', 'R = retval = fun(*args, **kwargs)') +
  frame('<src>/waldur_core/core/tasks.py', 111, 'run', 'result = self.execute(instance, *self.args, **self.kwargs)');
const BACKEND_FRAMES = frame(
  '<src>/waldur_core/core/tasks.py',
  262,
  'execute',
  'getattr(backend, backend_method)(instance, *args, **kwargs)',
);
const WRAPPED_FRAMES = frame(
  '<src>/waldur_core/structure/backend.py',
  22,
  'wrapped',
  'result = func(self, instance, *args, **kwargs)',
);
const BACKEND_FILE = '<src>/waldur_openstack/backend.py';

/** Where in Waldur's backend the cloud is called and where the refusal is raised again, for the recorded operations. */
const CALLS: Partial<Record<Operation, { line: number; code: string; raised: number }>> = {
  create_snapshot: { line: 3486, code: 'backend_snapshot = cinder.volume_snapshots.create(', raised: 3490 },
  delete_snapshot: { line: 3571, code: 'cinder.volume_snapshots.delete(snapshot.backend_id)', raised: 3577 },
  update_snapshot: { line: 3585, code: 'cinder.volume_snapshots.update(', raised: 3591 },
};

/** `repr()` of a Python string without control characters. */
function pythonText(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  return quote + text.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`) + quote;
}

/** The cloud refused: Waldur wraps the exception of the client library in its own. */
export function refused(operation: Operation, error: CloudError): Failure {
  const call = CALLS[operation];
  const text = `${error.message} (HTTP ${error.status})`;
  const cause = `cinderclient.exceptions.ClientException: ${text}\n`;
  return {
    message: `ClientException(${error.status}, ${pythonText(error.message)})`,
    traceback:
      HEADER +
      (call === undefined ? '' : frame(BACKEND_FILE, call.line, operation, call.code)) +
      cause +
      BETWEEN +
      HEADER +
      TASK_FRAMES +
      BACKEND_FRAMES +
      WRAPPED_FRAMES +
      (call === undefined ? '' : frame(BACKEND_FILE, call.raised, operation, 'raise OpenStackBackendError(e)')) +
      `waldur_openstack.exceptions.OpenStackBackendError: ${text}\n`,
  };
}

/** The object to pull is not in the cloud. */
export function notFound(what: 'Snapshot' | 'Volume'): Failure {
  const message = `${what} could not be found. (HTTP 404)`;
  return {
    message,
    traceback: `${HEADER}${TASK_FRAMES}${BACKEND_FRAMES}cinderclient.exceptions.NotFound: ${message}\n`,
  };
}

/** The object turned into `error` while Waldur waited for it. */
export function becameErred(what: 'Snapshot' | 'Volume', primaryKey: number, status: string): Failure {
  const message = `${what} (PK: ${primaryKey}) runtime state become erred: ${status}`;
  return {
    message,
    traceback: `${HEADER}${TASK_FRAMES}${frame('<src>/waldur_core/core/tasks.py', 479, 'execute', 'raise RuntimeStateException(')}waldur_core.core.exceptions.RuntimeStateException: ${message}\n`,
  };
}

/** Waldur has reached its maximum number of polls. */
export function gaveUp(what: 'Snapshot' | 'Volume', primaryKey: number): Failure {
  const message = `${what} (PK: ${primaryKey}): too many retries`;
  return {
    message,
    traceback: `${HEADER}${TASK_FRAMES}celery.exceptions.MaxRetriesExceededError: ${message}\n`,
  };
}

/** The recorded version hands the wrong kind of value to its import helper, so there every snapshot pull fails (contract 2.6). */
const PULL_DEFECT: Failure = {
  message: "'str' object has no attribute 'tenant'",
  traceback:
    HEADER +
    TASK_FRAMES +
    BACKEND_FRAMES +
    WRAPPED_FRAMES +
    frame(
      BACKEND_FILE,
      3545,
      'pull_snapshot',
      'imported_snapshot = self.import_snapshot(snapshot.backend_id, save=False)',
    ) +
    frame(BACKEND_FILE, 3499, 'import_snapshot', 'session = get_tenant_session(snapshot.tenant)') +
    "AttributeError: 'str' object has no attribute 'tenant'\n",
};

export const pullDefect = (generation: Generation): Failure | undefined =>
  generation === '2024' ? PULL_DEFECT : undefined;
