import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../run.ts';
import { execForm, type Instruction, pairs, type Stage } from './dockerfile.ts';

/** What the last stage says about running it. */
export interface Rehearsed {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly uid: number;
  readonly gid: number;
  readonly command: readonly string[];
  readonly healthCheck: readonly string[];
}

interface Built {
  readonly name: string | undefined;
  /** Stands for `/` of the image. */
  readonly root: string;
  readonly env: Record<string, string>;
  folder: string;
  user: string;
  command: readonly string[];
  healthCheck: readonly string[];
}

/**
 * Carries out the stages in folders of this machine, with its Node in the place of the base image: shows that each file is there,
 * that each command works, and what comes out; not that the base image fits.
 * @throws what a command ended with, or naming the instruction that cannot be carried out.
 */
export function rehearse(stages: readonly Stage[], scratch: string): Rehearsed {
  const built: Built[] = [];
  for (const [i, { name, instructions }] of stages.entries()) {
    const root = path.join(scratch, `stage-${i}`);
    const stage: Built = { name, root, env: {}, folder: root, user: '', command: [], healthCheck: [] };
    mkdirSync(root);
    for (const instruction of instructions) carryOut(instruction, stage, built);
    built.push(stage);
  }
  const last = built.at(-1);
  if (last === undefined) throw new Error('the Dockerfile has no stage');
  const [uid, gid] = last.user.split(':').map(Number);
  if (!uid || !gid) throw new Error(`USER must be a numeric uid:gid other than root, got ${JSON.stringify(last.user)}`);
  const { folder, env, command, healthCheck } = last;
  return { folder, env, uid, gid, command, healthCheck };
}

function carryOut({ name, value }: Instruction, stage: Built, built: readonly Built[]): void {
  switch (name) {
    case 'WORKDIR':
      stage.folder = path.join(stage.root, value);
      mkdirSync(stage.folder, { recursive: true });
      return;
    case 'COPY':
      copy(value, stage, built);
      return;
    case 'RUN':
      execFileSync('sh', ['-c', value], {
        cwd: stage.folder,
        env: { ...process.env, PATH: pathWithNode() },
        stdio: 'inherit',
      });
      return;
    case 'ENV':
      Object.assign(stage.env, Object.fromEntries(pairs(value)));
      return;
    case 'USER':
      stage.user = value;
      return;
    case 'CMD':
      stage.command = execForm(value);
      return;
    case 'HEALTHCHECK':
      stage.healthCheck = execForm(value.replace(/^.*?CMD /, ''));
      return;
    case 'LABEL':
    case 'EXPOSE':
      return;
    default:
      throw new Error(`the rehearsal does not support ${name}`);
  }
}

function copy(value: string, stage: Built, built: readonly Built[]): void {
  const words = value.split(/\s+/);
  const from = words[0]?.match(/^--from=(\w+)$/)?.[1];
  const sources = words.slice(from === undefined ? 0 : 1, -1);
  const target = words.at(-1) ?? '';
  const origin = from === undefined ? ROOT : built.find((one) => one.name === from)?.root;
  if (origin === undefined) throw new Error(`the stage ${from} does not exist`);
  for (const source of sources) {
    if (from === undefined && !contextHas(source)) throw new Error(`.dockerignore excludes ${source}`);
    // Into a folder when it is written as one, otherwise under the new name.
    const place = target.endsWith('/') ? path.join(target, path.basename(source)) : target;
    cpSync(path.join(origin, source), path.join(stage.folder, place), { recursive: true, verbatimSymlinks: true });
  }
}

/** Our .dockerignore excludes everything except the listed names. */
export function contextHas(source: string): boolean {
  const lines = readFileSync(`${ROOT}.dockerignore`, 'utf8').split('\n');
  return lines[0] === '*' && lines.includes(`!${source}`) && existsSync(ROOT + source);
}

const pathWithNode = (): string => `${path.dirname(process.execPath)}:${process.env.PATH}`;
