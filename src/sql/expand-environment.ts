// Variables in a pipeline: `${NAME}`, `${NAME:-default}` and `${NAME:?message}` in texts and option values.
//
// Done on the syntax tree, so that no value can change what the pipeline does: it never becomes SQL. As in a shell, a
// default may hold variables itself, and an empty variable counts as missing for `:-` and `:?`. `$${` stands for `${`.
// Values are taken as they are, without a second expansion.

import { LaminarError, PipelineErrors } from '../base/errors.ts';
import { nearestName } from '../base/names.ts';
import type { Pipeline, Span } from './ast.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The pipeline with all variables replaced; the given one is not changed.
 * @throws LaminarError LMN-1020 (not set) or LMN-1021 (malformed), or PipelineErrors with all of them in text order.
 */
export function expandEnvironment(pipeline: Pipeline, variables: Variables): Pipeline {
  const errors: LaminarError[] = [];
  const expanded = expandNode(pipeline, variables, errors) as Pipeline;
  errors.sort((a, b) => a.at!.span!.start - b.at!.span!.start);
  if (errors.length > 1) throw new PipelineErrors(errors);
  if (errors.length === 1) throw errors[0];
  return expanded;
}

/** The field of a node that holds its text, by the node's kind. */
const TEXT_FIELDS: Readonly<Record<string, string>> = { string: 'value', interval: 'text', 'typed-literal': 'text' };

function expandNode(node: unknown, variables: Variables, errors: LaminarError[]): unknown {
  if (typeof node !== 'object' || node === null) return node;
  if (Array.isArray(node)) return node.map((item) => expandNode(item, variables, errors));
  const copy: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(node)) copy[key] = expandNode(value, variables, errors);
  const field = TEXT_FIELDS[String(copy.kind)];
  const text = field === undefined ? undefined : copy[field];
  if (field !== undefined && typeof text === 'string' && text.includes('$')) {
    copy[field] = new TextExpansion(text, (copy as { span: Span }).span, variables, errors).run();
  }
  return copy;
}

/** One text, read from left to right. */
class TextExpansion {
  readonly #text: string;
  readonly #span: Span;
  readonly #variables: Variables;
  readonly #errors: LaminarError[];
  #at = 0;

  constructor(text: string, span: Span, variables: Variables, errors: LaminarError[]) {
    this.#text = text;
    this.#span = span;
    this.#variables = variables;
    this.#errors = errors;
  }

  run(): string {
    return this.#read({ isDefault: false, isUsed: true });
  }

  /** Up to the end, or to the `}` of the default it is. What is not used may lack variables. */
  #read(part: { isDefault: boolean; isUsed: boolean }): string {
    let result = '';
    while (this.#at < this.#text.length && !(part.isDefault && this.#text[this.#at] === '}')) {
      if (this.#text.startsWith('$${', this.#at)) {
        result += '${';
        this.#at += 3;
      } else if (this.#text.startsWith('${', this.#at)) {
        result += this.#variable(part.isUsed);
      } else {
        result += this.#text[this.#at++];
      }
    }
    return result;
  }

  #variable(isUsed: boolean): string {
    const start = this.#at;
    const head = /\$\{([A-Za-z_][A-Za-z0-9_]*)(\}|:-|:\?)/y;
    head.lastIndex = start;
    const match = head.exec(this.#text);
    if (match === null) return this.#malformed(start, start + 2);
    this.#at = head.lastIndex;
    const [, name, operator] = match as unknown as [string, string, '}' | ':-' | ':?'];
    const value = Object.hasOwn(this.#variables, name) ? this.#variables[name] : undefined;
    if (operator === '}') return value ?? this.#missing({ name, message: null, start, isUsed });
    const isMissing = value === undefined || value === '';
    const rest = this.#read({ isDefault: true, isUsed: isUsed && isMissing });
    if (this.#text[this.#at] !== '}') return this.#malformed(start, this.#text.length);
    this.#at++;
    if (!isMissing) return value;
    return operator === ':-' ? rest : this.#missing({ name, message: rest, start, isUsed });
  }

  #missing(what: { name: string; message: string | null; start: number; isUsed: boolean }): string {
    if (!what.isUsed) return '';
    const { name, message, start } = what;
    const near = nearestName(name, Object.keys(this.#variables));
    const set = `set it in the environment or with --set ${name}=…, or write \${${name}:-default}`;
    const text = message === null || message === '' ? `the variable ${name} is not set` : `${name}: ${message}`;
    const error = new LaminarError('LMN-1020', text, {
      hint: near === undefined ? set : `did you mean ${near}? Otherwise ${set}`,
      at: { span: this.#place(start, this.#at) },
    });
    this.#errors.push(error);
    return '';
  }

  #malformed(start: number, end: number): string {
    const error = new LaminarError('LMN-1021', 'this variable cannot be read', {
      hint: 'write ${NAME}, ${NAME:-default} or ${NAME:?message}; for the characters themselves $${',
      at: { span: this.#place(start, end) },
    });
    this.#errors.push(error);
    this.#at = end;
    return '';
  }

  /** Exact in a text without escapes, whose source is the text between two quotes; else the whole node. */
  #place(start: number, end: number): Span {
    if (this.#span.end - this.#span.start !== this.#text.length + 2) return this.#span;
    return { start: this.#span.start + 1 + start, end: this.#span.start + 1 + end };
  }
}
