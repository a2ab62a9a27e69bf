/**
 * Reads executable GraphQL documents as far as a rewrite needs it: which operations and fragments there are, and where the parts of
 * their selections stand in the source. Values, types and directives are skipped.
 */

/** A part of the source: from `start` up to, but not including, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Argument extends Span {
  readonly name: string;
  readonly value: Span;
  /** Name of the variable that is the whole value. */
  readonly variable: string | undefined;
}

export interface Field {
  readonly kind: 'field';
  /** The key of the value in the response. */
  readonly key: string;
  readonly name: string;
  readonly nameEnd: number;
  /** Where the first argument begins; undefined if there are no parentheses. */
  readonly argumentsStart: number | undefined;
  readonly arguments: readonly Argument[];
  /** Directives may remove it from the response. */
  readonly isConditional: boolean;
  readonly selection: SelectionSet | undefined;
}

export interface Spread {
  readonly kind: 'spread';
  readonly fragment: string;
  readonly isConditional: boolean;
}

export interface InlineFragment {
  readonly kind: 'inline';
  readonly isConditional: boolean;
  readonly selection: SelectionSet;
}

export interface SelectionSet {
  /** Where the first selection may begin. */
  readonly start: number;
  readonly selections: readonly (Field | Spread | InlineFragment)[];
}

export interface VariableDefinition extends Span {
  readonly name: string;
  readonly type: Span;
  /** The default value, without the equals sign. */
  readonly defaultValue: Span | undefined;
}

export interface Operation extends Span {
  readonly type: 'query' | 'mutation' | 'subscription';
  readonly name: string | undefined;
  /** Where a list of variable definitions may be inserted, if there is none and the operation is no bare `{ ... }`. */
  readonly headEnd: number;
  /** Where the first variable definition begins; undefined if there are no parentheses. */
  readonly variablesStart: number | undefined;
  readonly variables: readonly VariableDefinition[];
  readonly selection: SelectionSet;
}

export interface Fragment extends Span {
  readonly name: string;
  readonly selection: SelectionSet;
}

export interface Document {
  readonly operations: readonly Operation[];
  readonly fragments: ReadonlyMap<string, Fragment>;
  /** All uses of each variable, definitions apart. */
  readonly variableUses: ReadonlyMap<string, number>;
}

/** @returns undefined if the source is no executable document. */
export function readDocument(source: string): Document | undefined {
  try {
    return new Reader(source, tokenize(source)).document();
  } catch (error) {
    if (error instanceof SyntaxProblem) return undefined;
    throw error;
  }
}

class SyntaxProblem extends Error {}

interface Token extends Span {
  readonly text: string;
}

const IGNORED = /(?:[\t\n\r ,\uFEFF]|#[^\n\r]*)*/y;
const BLOCK_STRING = String.raw`"""(?:[^"\\]|\\"""|\\(?!""")|"(?!""))*"""`;
const STRING = String.raw`"(?:[^"\\\n\r]|\\[^\n\r])*"`;
const NUMBER = String.raw`-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])`;
const TOKEN = new RegExp(`${BLOCK_STRING}|(?!""")${STRING}|\\.\\.\\.|[!$&():=@[\\]{|}]|[_A-Za-z]\\w*|${NUMBER}`, 'y');

function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  for (let at = skipIgnored(source, 0); at < source.length; ) {
    TOKEN.lastIndex = at;
    const text = TOKEN.exec(source)?.[0];
    if (text === undefined) throw new SyntaxProblem();
    const end = at + text.length;
    tokens.push({ text, start: at, end });
    at = skipIgnored(source, end);
  }
  return tokens;
}

function skipIgnored(source: string, from: number): number {
  IGNORED.lastIndex = from;
  return from + (IGNORED.exec(source)?.[0].length ?? 0);
}

const NAME = /^[_A-Za-z]/;
const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

class Reader {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  readonly #variableUses = new Map<string, number>();

  constructor(source: string, tokens: readonly Token[]) {
    this.#source = source;
    this.#tokens = tokens;
  }

  document(): Document {
    const operations: Operation[] = [];
    const fragments = new Map<string, Fragment>();
    while (this.#at < this.#tokens.length) {
      const { start } = this.#token();
      // A description.
      if (this.#text().startsWith('"')) this.#at += 1;
      if (this.#text() === 'fragment') {
        const fragment = this.#fragment(start);
        fragments.set(fragment.name, fragment);
      } else operations.push(this.#operation(start));
    }
    return { operations, fragments, variableUses: this.#variableUses };
  }

  #operation(start: number): Operation {
    const word = this.#text() === '{' ? 'query' : this.#name();
    if (word !== 'query' && word !== 'mutation' && word !== 'subscription') throw new SyntaxProblem();
    const name = NAME.test(this.#text()) ? this.#name() : undefined;
    const headEnd = this.#lastEnd();
    const hasVariables = this.#text() === '(';
    const variablesStart = hasVariables ? this.#token().end : undefined;
    const variables = hasVariables ? this.#list('(', () => this.#variableDefinition()) : [];
    this.#directives();
    const selection = this.#selectionSet();
    return { type: word, name, headEnd, variablesStart, variables, selection, start, end: this.#lastEnd() };
  }

  #fragment(start: number): Fragment {
    this.#take('fragment');
    const name = this.#name();
    this.#take('on');
    this.#name();
    this.#directives();
    const selection = this.#selectionSet();
    return { name, selection, start, end: this.#lastEnd() };
  }

  #variableDefinition(): VariableDefinition {
    const { start } = this.#token();
    if (this.#text().startsWith('"')) this.#at += 1;
    this.#take('$');
    const name = this.#name();
    this.#take(':');
    const type = this.#span(() => this.#type());
    let defaultValue: Span | undefined;
    if (this.#text() === '=') {
      this.#at += 1;
      defaultValue = this.#span(() => this.#value());
    }
    this.#directives();
    return { name, type, defaultValue, start, end: this.#lastEnd() };
  }

  #type(): void {
    if (this.#text() === '[') {
      this.#take('[');
      this.#type();
      this.#take(']');
    } else this.#name();
    if (this.#text() === '!') this.#at += 1;
  }

  #selectionSet(): SelectionSet {
    const start = this.#token().end;
    return { start, selections: this.#list('{', () => this.#selection()) };
  }

  #selection(): Field | Spread | InlineFragment {
    if (this.#text() !== '...') return this.#field();
    this.#at += 1;
    if (NAME.test(this.#text()) && this.#text() !== 'on') {
      return { kind: 'spread', fragment: this.#name(), isConditional: this.#directives() };
    }
    if (this.#text() === 'on') {
      this.#at += 1;
      this.#name();
    }
    return { kind: 'inline', isConditional: this.#directives(), selection: this.#selectionSet() };
  }

  #field(): Field {
    const key = this.#name();
    let name = key;
    if (this.#text() === ':') {
      this.#at += 1;
      name = this.#name();
    }
    const nameEnd = this.#lastEnd();
    const hasArguments = this.#text() === '(';
    const argumentsStart = hasArguments ? this.#token().end : undefined;
    const args = hasArguments ? this.#list('(', () => this.#argument()) : [];
    const isConditional = this.#directives();
    const selection = this.#text() === '{' ? this.#selectionSet() : undefined;
    return { kind: 'field', key, name, nameEnd, argumentsStart, arguments: args, isConditional, selection };
  }

  #argument(): Argument {
    const { start } = this.#token();
    const name = this.#name();
    this.#take(':');
    const variable = this.#text() === '$' ? this.#tokens[this.#at + 1]?.text : undefined;
    const value = this.#span(() => this.#value());
    return { name, variable, value, start, end: this.#lastEnd() };
  }

  #value(): void {
    const text = this.#text();
    if (text === '$') {
      this.#at += 1;
      const name = this.#name();
      this.#variableUses.set(name, (this.#variableUses.get(name) ?? 0) + 1);
    } else if (text === '[') this.#list('[', () => this.#value(), 0);
    else if (text === '{') this.#list('{', () => this.#argument(), 0);
    else if (/^["\w-]/.test(text)) this.#at += 1;
    else throw new SyntaxProblem();
  }

  /** @returns whether there are any. */
  #directives(): boolean {
    const from = this.#at;
    while (this.#text() === '@') {
      this.#at += 1;
      this.#name();
      if (this.#text() === '(') this.#list('(', () => this.#argument());
    }
    return this.#at > from;
  }

  /** Items in brackets, at least `least` of them. */
  #list<T>(opening: string, item: () => T, least = 1): T[] {
    const items: T[] = [];
    this.#take(opening);
    while (this.#text() !== CLOSING[opening]) items.push(item());
    this.#at += 1;
    if (items.length < least) throw new SyntaxProblem();
    return items;
  }

  #span(read: () => void): Span {
    const { start } = this.#token();
    read();
    return { start, end: this.#lastEnd() };
  }

  #token(): Token {
    const token = this.#tokens[this.#at];
    return token ?? { text: '', start: this.#source.length, end: this.#source.length };
  }

  #text(): string {
    return this.#token().text;
  }

  #lastEnd(): number {
    return this.#tokens[this.#at - 1]?.end ?? 0;
  }

  #name(): string {
    const text = this.#text();
    if (!NAME.test(text)) throw new SyntaxProblem();
    this.#at += 1;
    return text;
  }

  #take(text: string): void {
    if (this.#text() !== text) throw new SyntaxProblem();
    this.#at += 1;
  }
}
