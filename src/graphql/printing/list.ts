import { latest } from '../../latest.ts';
import type { Output } from './output.ts';

/** From here on a list is kept as bytes: sockets reserve three bytes for each character of a text. Short answers go out in one piece. */
const LONG = 8_192;
/** Bytes around a long list, for what stands around it in most answers. */
const ROOM = 256;

/** A list in an answer that has been printed already. Only `printWithLists` knows what to do with it. */
export class PrintedList {
  /** JSON: a short one as text, a long one in UTF-8 between free bytes. */
  #json: string | Buffer;

  private constructor(json: string | Buffer) {
    this.#json = json;
    latest.printedList = this;
  }

  /** Of what was written. */
  static of(output: Output): PrintedList {
    return new PrintedList(output.at < LONG ? output.bytes.toString('utf8', 0, output.at) : output.take(ROOM));
  }

  /** For whoever prints it without knowing of it: right, and slow. */
  toJSON(): unknown {
    return JSON.parse(this.bytes.toString());
  }

  get bytes(): Buffer {
    return typeof this.#json === 'string' ? Buffer.from(this.#json) : inner(this.#json);
  }

  /** Lets go of what nobody will print. */
  release(): void {
    this.#json = '';
  }

  /** The list between two texts. It stands in one answer only, which has it then: whoever still holds the list holds nothing. */
  between(before: string, behind: string): string | Buffer {
    const json = this.#json;
    this.#json = '';
    if (typeof json === 'string') return before + json + behind;
    const [start, end] = [Buffer.byteLength(before), Buffer.byteLength(behind)];
    if (start > ROOM || end > ROOM) return Buffer.concat([Buffer.from(before), inner(json), Buffer.from(behind)]);
    json.write(before, ROOM - start);
    json.write(behind, json.length - ROOM);
    return json.subarray(ROOM - start, json.length - ROOM + end);
  }
}

const inner = (json: Buffer): Buffer => json.subarray(ROOM, json.length - ROOM);

/** JSON with gaps: a list goes between each two texts. */
interface Gapped {
  readonly texts: string[];
  readonly lists: PrintedList[];
}

/**
 * @param value what may have printed lists in it, in objects within objects.
 * @param end what is to stand behind it.
 * @returns its JSON; as bytes in UTF-8 when there is a long list in it.
 */
export function printWithLists(value: object, end: string): string | Buffer {
  if (!hasList(value)) return JSON.stringify(value) + end;
  const { texts, lists } = write(value, { texts: [''], lists: [] });
  const [only] = lists;
  if (lists.length === 1 && only !== undefined) return only.between(texts[0] ?? '', `${texts[1]}${end}`);
  const all = Buffer.concat(texts.flatMap((text, i) => [Buffer.from(text), lists[i]?.bytes ?? Buffer.from(end)]));
  // As after `between`. Not before: one list may stand in the answer twice.
  for (const list of lists) list.release();
  return all;
}

/** Lists that were read are not looked into: no printed one stands in them. */
const isInner = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function hasList(value: object): boolean {
  if (value instanceof PrintedList) return true;
  for (const key in value) {
    const inner: unknown = Reflect.get(value, key);
    if (isInner(inner) && hasList(inner)) return true;
  }
  return false;
}

/** Writes what `JSON.stringify` would, with gaps. */
function write(value: unknown, to: Gapped): Gapped {
  const { texts, lists } = to;
  if (value instanceof PrintedList) {
    lists.push(value);
    texts.push('');
  } else if (isInner(value) && hasList(value)) {
    let separator = '{';
    for (const key in value) {
      const inner: unknown = Reflect.get(value, key);
      if (inner === undefined) continue;
      texts[lists.length] += `${separator}${JSON.stringify(key)}:`;
      write(inner, to);
      separator = ',';
    }
    texts[lists.length] += '}';
  } else {
    texts[lists.length] += JSON.stringify(value);
  }
  return to;
}
