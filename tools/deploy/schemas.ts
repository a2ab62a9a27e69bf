import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import { parse, parseAllDocuments } from 'yaml';
import { ROOT } from '../run.ts';

/** Versions of Kubernetes whose schemas are kept: the oldest that the chart supports, and the newest known. */
export const KUBERNETES = ['1.27', '1.37'] as const;

const COMPOSE = 'compose-spec';
const OPERATOR = 'prometheus-operator-0.85';

/** An object of Kubernetes as far as it tells what it is. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly [field: string]: unknown;
}

// Formats of numbers and times are left to Kubernetes; `strict` is about how schemas are written, and these are not ours.
const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: false, logger: false });
for (const name of [...KUBERNETES.map((version) => `kubernetes-${version}`), OPERATOR])
  ajv.addSchema(readJson(`tools/deploy/schemas/${name}.json`), name);
ajv.addSchema(readJson('tools/deploy/schemas/compose-spec.json'), COMPOSE);

function readJson(file: string): object {
  const value: unknown = JSON.parse(readFileSync(ROOT + file, 'utf8'));
  if (typeof value !== 'object' || value === null) throw new Error(`${file} is not an object`);
  return value;
}

/** The objects of a YAML stream, such as the output of `helm template`. @throws for invalid YAML and for what is no object of Kubernetes. */
export function readManifests(text: string): Manifest[] {
  return parseAllDocuments(text).flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw error;
    const value: unknown = document.toJS();
    if (value === null) return [];
    if (!isManifest(value)) throw new Error(`not an object of Kubernetes: ${JSON.stringify(value).slice(0, 200)}`);
    return [value];
  });
}

const isManifest = (value: unknown): value is Manifest =>
  typeof value === 'object' && value !== null && 'apiVersion' in value && 'kind' in value && 'metadata' in value;

/** What is wrong with an object by the schema of its kind. A kind without a schema is a problem as well. */
export function problemsOf(manifest: Manifest, kubernetes: (typeof KUBERNETES)[number]): string[] {
  const type = `${manifest.apiVersion}/${manifest.kind}`;
  const schema = manifest.apiVersion.startsWith('monitoring.coreos.com/') ? OPERATOR : `kubernetes-${kubernetes}`;
  const check = ajv.getSchema(`${schema}#/definitions/${type.replaceAll('/', '~1')}`);
  if (check === undefined) return [`${type} has no schema in ${schema}`];
  return errorsOf(check, manifest).map((error) => `${manifest.kind} ${manifest.metadata.name} (${schema}): ${error}`);
}

/** What is wrong with a compose file by the schema of the Compose Specification. */
export const composeProblems = (text: string): string[] => {
  const check = ajv.getSchema(COMPOSE);
  if (check === undefined) throw new Error(`there is no schema ${COMPOSE}`);
  return errorsOf(check, parse(text, { merge: true }));
};

function errorsOf(check: ValidateFunction, value: unknown): string[] {
  if (check(value) === true) return [];
  return (check.errors ?? []).map(
    ({ instancePath, message = '', params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}
