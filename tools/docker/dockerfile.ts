/** A parser for the part of the Dockerfile syntax that our Dockerfile uses. Anything else is an error. */

export interface Instruction {
  readonly name: string;
  /** Everything after the name, continued lines joined. */
  readonly value: string;
}

export interface Stage {
  readonly image: string;
  /** What `COPY --from` calls it. */
  readonly name: string | undefined;
  readonly instructions: readonly Instruction[];
}

/** @throws when an instruction stands before the first stage, or FROM uses an argument without a default. */
export function parseDockerfile(text: string): Stage[] {
  const stages: { image: string; name: string | undefined; instructions: Instruction[] }[] = [];
  const defaults = new Map<string, string>();
  const lines = text.replaceAll(/^\s*#.*\n/gm, '').replaceAll(/\\\n\s*/g, '');
  for (const [, name = '', value = ''] of lines.matchAll(/^(\w+)\s+(.+)$/gm)) {
    const stage = stages.at(-1);
    if (name === 'FROM') {
      const [image = '', , as] = value.split(/\s+/);
      stages.push({
        image: image.replaceAll(/\$\{(\w+)\}/g, (_, key) => given(defaults, key)),
        name: as,
        instructions: [],
      });
    } else if (stage !== undefined) stage.instructions.push({ name, value });
    else if (name === 'ARG') defaults.set(...pair(value));
    else throw new Error(`${name} before the first FROM`);
  }
  return stages;
}

/** `A=b C="d e"`, as in ENV and LABEL. */
export const pairs = (value: string): [string, string][] =>
  [...value.matchAll(/[\w.]+=(?:"[^"]*"|\S+)/g)].map(([text]) => pair(text));

/** The exec form, `["node", "x"]`. @throws for the shell form, under which signals do not reach the process. */
export function execForm(value: string): string[] {
  const words: unknown = JSON.parse(value);
  if (!Array.isArray(words) || !words.every((word) => typeof word === 'string'))
    throw new Error(`expected the exec form (a JSON array), got ${value}`);
  return words;
}

function pair(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new Error(`no NAME=VALUE: ${text}`);
  return [text.slice(0, at), text.slice(at + 1).replace(/^"(.*)"$/, '$1')];
}

function given(defaults: ReadonlyMap<string, string>, key: string): string {
  const value = defaults.get(key);
  if (value === undefined) throw new Error(`ARG ${key} has no default`);
  return value;
}
