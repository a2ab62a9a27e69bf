import { randomBytes } from 'node:crypto';
import type { Output } from './output.ts';

/** Stands in a text for a list that is put in its place. Nobody outside knows it, so no data of theirs can have it. */
const MARK = `list-${randomBytes(16).toString('hex')}`;
const QUOTED_MARK = JSON.stringify(MARK);

/** From here on a list is kept as bytes: sockets reserve three bytes for each character of a text. Short answers go out in one piece. */
const LONG = 8_192;
/** Bytes around a long list, for what stands around it in most answers. */
const ROOM = 256;

let met: PrintedList[] = [];

/** A list in an answer that has been printed already. Only `printWithLists` knows what to do with it. */
export class PrintedList {
  /** JSON: a short one as text, a long one in UTF-8 between free bytes. */
  #json: string | Buffer;

  private constructor(json: string | Buffer) {
    this.#json = json;
  }

  /** Of what was written. */
  static of(output: Output): PrintedList {
    return new PrintedList(output.at < LONG ? output.bytes.toString('utf8', 0, output.at) : output.take(ROOM));
  }

  toJSON(): string {
    met.push(this);
    return MARK;
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

/**
 * @param value what may have printed lists in it.
 * @param end what is to stand behind it.
 * @returns its JSON; as bytes in UTF-8 when there is a long list in it.
 */
export function printWithLists(value: object, end: string): string | Buffer {
  met = [];
  const text = JSON.stringify(value);
  const lists = met;
  met = [];
  const [only] = lists;
  if (only === undefined) return text + end;
  const texts = text.split(QUOTED_MARK);
  if (lists.length === 1) return only.between(texts[0] ?? '', `${texts[1]}${end}`);
  const parts = texts.flatMap((part, i) => [Buffer.from(part), lists[i]?.bytes ?? Buffer.from(end)]);
  return Buffer.concat(parts);
}
