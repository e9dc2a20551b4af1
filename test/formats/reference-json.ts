// NDJSON in plain slow JavaScript: JSON.parse decides what is JSON, a naive reader finds the text of every value.

import {
  POLICY_NULL,
  REASON_NOT_OBJECT,
  REASON_NULL,
  REASON_SYNTAX,
  REASON_TOO_LONG,
  REASON_TYPE,
  REASON_UTF8,
} from '../../kernels/layout-formats.ts';
import type { Value } from '../../src/data/batch.ts';
import { type DataType, elementOf, fieldsOf } from '../../src/data/type.ts';
import { type DecoderSpec, UNIT_POWERS } from '../../src/formats/decoder-spec.ts';
import type { Decoded } from './decode-stream.ts';
import { type Outcome, textOutcome } from './reference-value.ts';

type Node =
  | { kind: 'scalar'; text: string }
  | { kind: 'object'; text: string; fields: Map<string, Node> }
  | { kind: 'array'; text: string; items: Node[] };

/** Decodes NDJSON. */
export function decodeReference(spec: DecoderSpec, input: Uint8Array): Decoded {
  const out: Decoded = { rows: [], rejects: [], nulled: 0, lines: 0 };
  const bytes = Buffer.from(input);
  const isMarked = bytes.subarray(0, 3).toString('latin1') === '\u00ef\u00bb\u00bf';
  let offset = isMarked ? 3 : 0;
  while (offset < bytes.length) {
    const newline = bytes.indexOf(10, offset);
    const end = newline < 0 ? bytes.length : newline;
    const line = bytes.subarray(offset, end);
    const record = line.at(-1) === 13 ? line.subarray(0, -1) : line;
    const result = readRecord(spec, record);
    if (result !== null && 'row' in result) {
      out.rows.push(result.row);
      out.nulled += result.nulled;
    } else if (result !== null) {
      const text = record.subarray(0, spec.maxRecordBytes).toString('latin1');
      out.rejects.push({ ...result, line: out.lines, offset, text });
    }
    if (newline >= 0) out.lines++;
    offset = end + 1;
  }
  return out;
}

/** null: a blank line. */
function readRecord(
  spec: DecoderSpec,
  record: Buffer,
): { row: Value[]; nulled: number } | { reason: number; column: number } | null {
  if (record.length > spec.maxRecordBytes) return { reason: REASON_TOO_LONG, column: -1 };
  if (/^[ \t\r]*$/.test(record.toString('latin1'))) return null;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(record);
  } catch {
    return { reason: REASON_UTF8, column: -1 };
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return { reason: REASON_NOT_OBJECT, column: -1 };
  } catch {
    return { reason: REASON_SYNTAX, column: -1 };
  }
  return readFields(spec, new Reader(text).read());
}

function readFields(spec: DecoderSpec, root: Node) {
  const row: Value[] = [];
  let nulled = 0;
  for (const [column, field] of spec.fields.entries()) {
    const { type, nullable } = spec.schema[column]!;
    const isRequired = field.notNull || !nullable;
    const node = nodeAt(root, field.path);
    const outcome: Outcome =
      node === undefined ? { value: null } : nodeOutcome(node, type, UNIT_POWERS[field.timestampUnit]);
    if ('reason' in outcome) {
      if (isRequired || spec.policy !== POLICY_NULL) return { reason: outcome.reason, column };
      nulled++;
      row.push(null);
    } else if (outcome.value === null && isRequired) return { reason: REASON_NULL, column };
    else row.push(outcome.value);
  }
  return { row, nulled };
}

function nodeAt(root: Node, path: readonly (string | number)[]): Node | undefined {
  let node: Node | undefined = root;
  for (const part of path) {
    if (node?.kind === 'object' && typeof part === 'string') node = node.fields.get(part);
    else if (node?.kind === 'array' && typeof part === 'number') node = node.items[part];
    else return undefined;
  }
  return node;
}

function nodeOutcome(node: Node, type: DataType, unitPower: number): Outcome {
  if (node.text === 'null') return { value: null };
  if (type.kind === 'JSON') return { value: node.text };
  if (type.kind === 'LIST' || type.kind === 'STRUCT') return nestedOutcome(node, type, unitPower);
  if (node.kind !== 'scalar') return type.kind === 'VARCHAR' ? { value: node.text } : { reason: REASON_TYPE };
  const isString = node.text.startsWith('"');
  const text = isString ? (JSON.parse(node.text) as string).toWellFormed() : node.text;
  return textOutcome(text, type.kind, unitPower);
}

/** The first part that does not fit is the reason, in the order of an array, and of the fields of the type. */
function nestedOutcome(node: Node, type: DataType, unitPower: number): Outcome {
  const parts = nestedParts(node, type);
  if (parts === null) return { reason: REASON_TYPE };
  const values: Value[] = [];
  for (const { part, type: inner } of parts) {
    const outcome: Outcome = part === undefined ? { value: null } : nodeOutcome(part, inner, unitPower);
    if ('reason' in outcome) return outcome;
    // Inside of nested values there is one zero.
    values.push(typeof outcome.value === 'number' ? outcome.value + 0 : outcome.value);
  }
  return { value: values };
}

function nestedParts(node: Node, type: DataType): { part: Node | undefined; type: DataType }[] | null {
  if (type.kind === 'LIST') {
    return node.kind === 'array' ? node.items.map((part) => ({ part, type: elementOf(type) })) : null;
  }
  if (node.kind !== 'object') return null;
  return fieldsOf(type).map(({ name, type: inner }) => ({ part: node.fields.get(name), type: inner }));
}

/** Finds the text of every value of valid JSON. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): Node {
    this.#skipSpace();
    const start = this.#at;
    const first = this.#text[this.#at];
    if (first === '{') {
      const fields = new Map<string, Node>();
      this.#list('}', () => {
        const key = JSON.parse(this.#scalar()) as string;
        this.#skipSpace();
        this.#at++;
        fields.set(key, this.read());
      });
      return { kind: 'object', text: this.#text.slice(start, this.#at), fields };
    }
    if (first === '[') {
      const items: Node[] = [];
      this.#list(']', () => items.push(this.read()));
      return { kind: 'array', text: this.#text.slice(start, this.#at), items };
    }
    return { kind: 'scalar', text: this.#scalar() };
  }

  #list(close: string, item: () => void): void {
    this.#at++;
    this.#skipSpace();
    while (this.#text[this.#at] !== close) {
      item();
      this.#skipSpace();
      if (this.#text[this.#at] === ',') this.#at++;
      this.#skipSpace();
    }
    this.#at++;
  }

  #scalar(): string {
    this.#skipSpace();
    const pattern = /"(?:[^"\\]|\\.)*"|[^\s,\]}:]+/y;
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text)!;
    this.#at = pattern.lastIndex;
    return match[0];
  }

  #skipSpace(): void {
    while (/\s/.test(this.#text[this.#at] ?? 'x')) this.#at++;
  }
}
