// Makes syntax nodes from what the grammar matched: the post-processors of grammar/{laminar,statements,select}.ne;
// expressions and literals are in build-expression.ts.
//
// Each takes the parts of one rule in order: tokens, nodes or lists of them. The parser may call them for readings that
// do not work out in the end, so they are pure and never throw.

import type {
  ColumnDefinition,
  ConnectorClause,
  CreateLookup,
  CreateSink,
  CreateSource,
  CreateStream,
  DropStatement,
  Identifier,
  InsertInto,
  OptionDefinition,
  OptionValue,
  PrimaryKey,
  SelectStatement,
  SetStatement,
  Span,
  TypeReference,
  WatermarkDefinition,
} from './ast.ts';
import type { Expression, StringLiteral } from './ast-expression.ts';
import type { QueryExpression } from './ast-query.ts';
import type { EmitClauses, Emitted } from './build-query.ts';
import type { Token } from './lexer.ts';
import { identifier, spanFrom } from './span.ts';

export const first = <T>([item]: [T]): T[] => [item];
export const append = <T>([items, , item]: [T[], Token, T]): T[] => [...items, item];
export const appendNext = <T>([items, item]: [T[], T]): T[] => [...items, item];
export const second = <T>([, item]: [unknown, T]): T => item;

// --- heads of CREATE ---

interface Create {
  orReplace: boolean;
  span: Span;
}

interface NewName {
  name: Identifier;
  ifNotExists: boolean;
  span: Span;
}

export function create(words: Token[]): Create {
  return { orReplace: words.length > 1, span: spanFrom(words[0]!, words.at(-1)!) };
}

export function newName(words: Token[]): NewName {
  return { name: identifier(words.at(-1)!), ifNotExists: words.length > 1, span: spanFrom(words[0]!, words.at(-1)!) };
}

// --- sources ---

type SourceElement = ColumnDefinition | (WatermarkDefinition & { delay: Expression | null }) | PrimaryKey;

type SourceHead = Omit<CreateSource, 'connector' | 'watermark' | 'primaryKey'> & {
  watermarks: WatermarkDefinition[];
  keys: PrimaryKey[];
};

/** `CREATE SOURCE name (…)` or `CREATE LOOKUP TABLE name (…)`. */
export function sourceHead([created, ...parts]: [Create, ...(Token | NewName | SourceElement[])[]]): SourceHead {
  const { name, ifNotExists, span } = parts.find((part): part is NewName => 'ifNotExists' in part)!;
  const elements = parts.find((part): part is SourceElement[] => Array.isArray(part)) ?? [];
  const last = parts.at(-1) as Token | NewName;
  const close = 'ifNotExists' in last ? undefined : last;
  return {
    kind: 'create-source',
    name,
    orReplace: created.orReplace,
    ifNotExists,
    columns: elements.filter((element): element is ColumnDefinition => 'type' in element),
    watermarks: elements.filter((element): element is WatermarkDefinition => 'delay' in element),
    keys: elements.filter((element): element is PrimaryKey => 'columns' in element),
    span: spanFrom(created, close ?? span),
  };
}

/** A second WATERMARK or PRIMARY KEY is kept as extra, for the parser to refuse it: no tree with one gets out. */
export function createSource([head, connector]: [SourceHead, ConnectorClause?]): CreateSource & {
  extraWatermark?: WatermarkDefinition;
  extraKey?: PrimaryKey;
} {
  const { watermarks, keys, span, ...rest } = head;
  const extra = watermarks[1];
  return {
    ...rest,
    watermark: watermarks[0] ?? null,
    primaryKey: keys[0] ?? null,
    connector: connector ?? null,
    span: spanFrom(span, connector ?? span),
    ...(extra === undefined ? {} : { extraWatermark: extra }),
    ...(keys[1] === undefined ? {} : { extraKey: keys[1] }),
  };
}

/** As `createSource`. */
export function createLookup([head, connector]: [SourceHead, ConnectorClause]): CreateLookup & {
  extraKey?: PrimaryKey;
} {
  const { watermarks: _, keys, span, kind: __, ...rest } = head;
  return {
    ...rest,
    kind: 'create-lookup',
    primaryKey: keys[0] ?? null,
    connector,
    span: spanFrom(span, connector),
    ...(keys[1] === undefined ? {} : { extraKey: keys[1] }),
  };
}

type ColumnOption = StringLiteral | { kind: 'not-null'; span: Span };

export function columnDefinition([name, type, ...options]: [
  Token,
  TypeReference,
  ...ColumnOption[],
]): ColumnDefinition {
  return {
    name: identifier(name),
    type,
    path: options.find((option) => option.kind === 'string') ?? null,
    notNull: options.some((option) => option.kind === 'not-null'),
    span: spanFrom(name, options.at(-1) ?? type),
  };
}

export function notNull([from, to]: [Token, Token]): ColumnOption {
  return { kind: 'not-null', span: spanFrom(from, to) };
}

export function watermark([word, , column, , delay]: [Token, Token, Token, Token?, Expression?]): WatermarkDefinition {
  return { column: identifier(column), delay: delay ?? null, span: spanFrom(word, delay ?? column) };
}

export function primaryKey([word, , , columns, close]: [Token, Token, Token, Identifier[], Token]): PrimaryKey {
  return { columns, span: spanFrom(word, close) };
}

// --- streams and sinks ---

export function flavour(words: Token[]): CreateStream['flavour'] {
  return words.map((word) => word.text.toLowerCase()).join('-') as CreateStream['flavour'];
}

export function createStream(parts: [Create, CreateStream['flavour'], NewName, Token, Emitted]): CreateStream {
  const [created, kind, { name, ifNotExists }, , { query, emit, lateness, late, span }] = parts;
  return {
    kind: 'create-stream',
    flavour: kind,
    name,
    orReplace: created.orReplace,
    ifNotExists,
    query,
    emit,
    lateness,
    late,
    span: spanFrom(created, span),
  };
}

type SinkInput = NonNullable<CreateSink['input']>;

export function createSink(parts: [Create, Token, NewName, ...(SinkInput | ConnectorClause)[]]): CreateSink {
  const [created, , { name, ifNotExists }, ...rest] = parts;
  const connector = rest.at(-1) as ConnectorClause;
  return {
    kind: 'create-sink',
    name,
    orReplace: created.orReplace,
    ifNotExists,
    input: rest.length > 1 ? (rest[0] as SinkInput) : null,
    connector,
    span: spanFrom(created, connector),
  };
}

export function streamInput([, name]: [Token, Token]): SinkInput {
  return { kind: 'stream', name: identifier(name) };
}

/** `FROM (query [EMIT …])`, `FROM (query) EMIT …` or `AS query [EMIT …]`. */
export function queryInput(parts: (Token | QueryExpression | Emitted | EmitClauses)[]): SinkInput {
  let input: Extract<SinkInput, { kind: 'query' }> | undefined;
  for (const part of parts) {
    if ('type' in part) continue;
    if ('query' in part) {
      const { query: read, emit, lateness, late } = part;
      input = { kind: 'query', query: read, emit, lateness, late };
    } else if ('kind' in part) input = { kind: 'query', query: part, emit: null, lateness: null, late: null };
    else if (input !== undefined) input = { ...input, emit: part.emit, lateness: part.lateness, late: part.late };
  }
  return input!;
}

export function insertInto([insert, , sink, { query, emit, lateness, late, span }]: [
  Token,
  Token,
  Token,
  Emitted,
]): InsertInto {
  const into = { sink: identifier(sink), columns: [] };
  return { kind: 'insert-into', ...into, query, emit, lateness, late, span: spanFrom(insert, span) };
}

export function insertColumns(parts: [Token, Token, Token, Token, Identifier[], Token, Emitted]): InsertInto {
  const [insert, into, sink, , columns, , emitted] = parts;
  return { ...insertInto([insert, into, sink, emitted]), columns };
}

// --- DROP ---

export function dropped(words: Token[]): DropStatement['what'] {
  return words.map((word) => word.text.toLowerCase()).join('-') as DropStatement['what'];
}

export function droppedName(words: Token[]): { name: Identifier; ifExists: boolean } {
  return { name: identifier(words.at(-1)!), ifExists: words.length > 1 };
}

export function drop([word, what, { name, ifExists }, behind]: [
  Token,
  DropStatement['what'],
  { name: Identifier; ifExists: boolean },
  Token?,
]): DropStatement {
  const cascade = behind?.text === 'CASCADE';
  return { kind: 'drop', what, name, ifExists, cascade, span: spanFrom(word, behind ?? name) };
}

// --- the rest ---

export function selectStatement([{ query, emit, lateness, late, span }]: [Emitted]): SelectStatement {
  return { kind: 'select', query, emit, lateness, late, span };
}

export function set([word, name, , value]: [Token, Identifier, Token, OptionValue]): SetStatement {
  return { kind: 'set', name, value, span: spanFrom(word, value) };
}

// --- connectors and options ---

interface Options {
  options: OptionDefinition[];
  span: Span;
}

export function connector([word, name, options]: [Token, Token, Options?]): ConnectorClause {
  return { name: identifier(name), options: options?.options ?? [], span: spanFrom(word, options ?? name) };
}

export function withOptions([word, options]: [Token, Options]): ConnectorClause {
  return { name: null, options: options.options, span: spanFrom(word, options) };
}

export function options([open, list, ...rest]: [Token, OptionDefinition[], ...Token[]]): Options {
  return { options: list, span: spanFrom(open, rest.at(-1)!) };
}

export function noOptions([open, close]: [Token, Token]): Options {
  return { options: [], span: spanFrom(open, close) };
}

export function option([key, , value]: [Identifier, Token, OptionValue]): OptionDefinition {
  return { key, value, span: spanFrom(key, value) };
}

export function stringKey([token]: [Token]): Identifier {
  return { name: token.value, quoted: true, span: spanFrom(token, token) };
}

export function dottedName([head, , last]: [Token | Identifier, Token?, Token?]): Identifier {
  if ('type' in head) return identifier(head);
  return { name: `${head.name}.${last!.value}`, quoted: head.quoted, span: spanFrom(head, last!) };
}

export function negativeNumber([minus, value]: [Token, { kind: 'number'; text: string; span: Span }]): OptionValue {
  return { kind: 'number', text: `-${value.text}`, span: spanFrom(minus, value) };
}

export function wordValue([token]: [Token]): OptionValue {
  return { kind: 'string', value: token.value, span: spanFrom(token, token) };
}
