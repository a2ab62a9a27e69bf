import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createApi } from '../../simulator/api/api.ts';
import { Clock } from '../../simulator/clock.ts';
import type { ApiAnswer, ApiRequest, Dataset } from '../../simulator/model.ts';
import { Random } from '../../simulator/seed/random.ts';
import { Cloud, CloudError, type CloudObject, OPERATIONS } from '../../simulator/worker/cloud.ts';
import { JOBS, type JobName } from '../../simulator/worker/jobs.ts';
import { Worker } from '../../simulator/worker/worker.ts';
import { World } from '../../simulator/world.ts';
import { Binding, type Flow, isWorkerStep, type RecordedAnswer, type RequestStep } from './support/recording.ts';

/** Whole sequences of a real Waldur, its own tasks run one at a time, replayed in virtual time. */

const read = (file: string): string => readFileSync(new URL(`../recordings/${file}`, import.meta.url), 'utf8');
const dataset: Dataset = JSON.parse(read('dataset.json'));
const flows: Flow[] = JSON.parse(read('flows.json'));

const REPAIRED = /repaired$/;

const PULLED = { metadata: { pulled: 'yes' } };
/** What the cloud knew differently from Waldur when a flow was recorded, by the name of the object. */
const CLOUDS: Record<string, { objects: Record<string, Partial<CloudObject>>; nothingElse?: boolean }> = {
  'pull, with the defect of 2024-10 repaired': { objects: { 'rw-target': PULLED } },
  'pull of an erred one, with the defect repaired': { objects: { 'st-erred': PULLED } },
  'hourly pull of a tenant': {
    objects: {
      'st-erred': { ...PULLED, status: 'available' },
      'rw-target': { ...PULLED, name: 'renamed in the cloud' },
      'bulk-001': {},
    },
    nothingElse: true,
  },
  'volume: pull': { objects: { scratch: PULLED } },
  'volume: attach': { objects: { scratch: { ...PULLED, device: '/dev/vdx' } } },
  'volume: retype': { objects: { 'scratch-typed': PULLED } },
};

const START = Date.parse('2026-11-23T18:30:00Z');

class Stage {
  readonly clock = new Clock({ start: START, frozen: true });
  readonly world = new World(this.clock);
  readonly cloud = new Cloud(this.clock, new Random(1));
  readonly binding = new Binding();
  readonly worker: Worker;
  readonly #api: (request: ApiRequest) => ApiAnswer;
  #lastTask: { name: string; uuid: string | undefined } = { name: '', uuid: undefined };

  constructor(flow: Flow) {
    this.world.load(dataset);
    this.worker = new Worker({
      world: this.world,
      clock: this.clock,
      cloud: this.cloud,
      // What was recorded with the pull repaired is the worker of today behind the API of then.
      generation: REPAIRED.test(flow.name) ? '2026' : '2024',
      onTask: (name, uuid) => {
        this.#lastTask = { name, uuid };
      },
    });
    this.worker.start({ resume: false });
    this.#api = createApi({ world: this.world, clock: this.clock, tasks: this.worker, generation: '2024' });
    this.#setUpCloud(flow);
  }

  ask({ role, request }: RequestStep): RecordedAnswer {
    const token = dataset.users.find((user) => user.username === role)?.token;
    const sent = 'body' in request;
    const own = Object.entries(request.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
    const target = this.binding.fill(request.path + (request.query ? `?${request.query}` : ''));
    const answer = this.#api({
      method: request.method,
      target,
      headers: {
        host: 'waldur.test',
        accept: 'application/json',
        ...(typeof token === 'string' && role !== 'anonymous' ? { authorization: `Token ${token}` } : {}),
        ...(sent ? { 'content-type': 'application/json' } : {}),
        ...Object.fromEntries(own),
      },
      body: Buffer.from(sent ? JSON.stringify(request.body) : ''),
      remoteAddress: '127.0.0.1',
    });
    const isJson = Object.values(answer.headers).some((value) => value.startsWith('application/json'));
    // That a HEAD has no body is the business of the HTTP server.
    const body =
      answer.body === '' || request.method === 'HEAD' ? null : isJson ? JSON.parse(answer.body) : answer.body;
    return { status: answer.status, headers: answer.headers, body };
  }

  /** Does what a recorded worker step did, and holds the name of the task against the recorded one. */
  work(step: string): void {
    const job = (Object.keys(JOBS) as JobName[]).find((name) => JOBS[name].task === step);
    if (job !== undefined) {
      this.worker.runJob(job);
      return;
    }
    const special = SPECIAL_STEPS.find(([pattern]) => pattern.test(step));
    if (special !== undefined) {
      special[1](this, step);
      return;
    }
    if (step.includes('gone from the cloud')) this.#dropLast();
    expect(this.clock.runNext(), 'a task is waiting').toBe(true);
    const poll = POLLS.find(([pattern]) => pattern.test(step));
    if (poll === undefined) expect(this.#lastTask.name).toBe(step);
    else expect(this.#lastTask.name).toMatch(poll[1]);
  }

  #dropLast(): void {
    const id = this.world.tables.volumes.get(this.#lastTask.uuid ?? '')?.backend_id;
    this.cloud.drop(id ?? '');
  }

  #setUpCloud(flow: Flow): void {
    const steps = flow.steps.filter(isWorkerStep);
    if (steps.some(({ worker }) => worker.includes('still says creating'))) {
      this.cloud.pace = { ...this.cloud.pace, snapshot: 12_000, volume: 34_000 };
    }
    for (const { worker, failed = '' } of steps) {
      const operation = OPERATIONS.find((name) => worker.includes(`(${name})`));
      const [, message = '', status = ''] = /^(.*) \(HTTP (\d+)\)$/.exec(failed) ?? [];
      if (failed.includes('runtime state become erred')) {
        this.cloud.fail(failed.startsWith('Snapshot') ? 'finish_snapshot' : 'finish_volume', new CloudError(500, ''));
      } else if (status === '404') {
        this.cloud.drop(this.#row('rw-target')?.backend_id ?? '');
      } else if (operation !== undefined && status !== '') {
        this.cloud.fail(operation, new CloudError(Number(status), message));
      }
    }
    const { objects, nothingElse } = CLOUDS[flow.name] ?? { objects: {} };
    if (nothingElse) {
      for (const row of [...this.world.tables.snapshots.values(), ...this.world.tables.volumes.values()]) {
        if (!(row.name in objects) && row.backend_id !== null) this.cloud.drop(row.backend_id);
      }
    }
    for (const [name, changes] of Object.entries(objects)) {
      const object = this.cloud.get(this.#row(name)?.backend_id ?? null);
      expect(object, `${name} is in the cloud`).toBeDefined();
      Object.assign(object ?? {}, changes);
    }
  }

  #row(name: string) {
    const { snapshots, volumes } = this.world.tables;
    return [...snapshots.values(), ...volumes.values()].find((row) => row.name === name);
  }

  /** The account had been tried too often before that recording began. */
  failToSignIn(username: string): void {
    const request = { method: 'POST', path: '/api-auth/password/', query: '', body: { username, password: 'wrong' } };
    for (let n = 0; n < 6; n++)
      this.ask({ role: 'anonymous', request, response: { status: 401, headers: {}, body: null } });
  }

  user(username: string) {
    const user = [...this.world.tables.users.values()].find((one) => one.username === username);
    if (user === undefined) throw new Error(`no user ${username}`);
    return user;
  }
}

/** How the recording describes a poll that changed nothing, and the task that it was. */
const POLLS: readonly [RegExp, RegExp][] = [
  [/^poll: the (cloud still says creating|volume is gone)/, /^PollRuntimeStateTask/],
  [/^poll: the cloud still has it/, /^PollBackendCheckTask/],
];

/** Steps that the person who recorded took by hand. */
const SPECIAL_STEPS: readonly [RegExp, (stage: Stage, step: string) => void][] = [
  [
    /^token is \d+ s old$/,
    (stage, step) => {
      const seconds = Number(/\d+/.exec(step)?.[0]);
      const owner = stage.user('owner1');
      owner.token_lifetime = 60;
      owner.token_created = new Date(stage.clock.now() - seconds * 1000).toISOString();
    },
  ],
  [
    /^role of admin1 revoked$/,
    (stage) => {
      for (const role of stage.user('admin1').roles) role.is_active = false;
    },
  ],
];

describe('recorded sequences', () => {
  it.each(flows)('$name', (flow) => {
    const stage = new Stage(flow);
    if (flow.name === 'login lock-out') stage.failToSignIn('locked');
    flow.steps.forEach((step, i) => {
      if (isWorkerStep(step)) {
        stage.binding.timeHasPassed();
        stage.work(step.worker);
        return;
      }
      const found = stage.binding.answerDifference(step, stage.ask(step));
      expect(found, `step ${i}: ${step.request.method} ${step.request.path}?${step.request.query}`).toBeUndefined();
    });
  });
});
