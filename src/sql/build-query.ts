// Makes the tree of a query from what the grammar matched: the post-processors of grammar/select.ne. Pure, and never
// throwing; see build-statement.ts.

import type { EmitClause, Identifier, LateDataClause, LatenessClause, Span } from './ast.ts';
import type { Expression, IntervalLiteral, NumberLiteral } from './ast-expression.ts';
import type {
  LimitClause,
  NamedWindow,
  Query,
  QueryExpression,
  SelectItem,
  StarItem,
  TableReference,
  UnnestReference,
} from './ast-query.ts';
import type { Token } from './lexer.ts';
import { identifier, spanFrom } from './span.ts';

/** A query with what says when its results are written. */
export interface Emitted {
  query: QueryExpression;
  emit: EmitClause | null;
  lateness: LatenessClause | null;
  late: LateDataClause | null;
  span: Span;
}

export type EmitClauses = Omit<Emitted, 'query'>;

// --- SELECT: each clause adds to the query so far ---

export function selectFrom([select, items, , from]: [Token, SelectItem[], Token, TableReference]): Query {
  return {
    kind: 'query',
    with: [],
    distinct: false,
    distinctOn: [],
    items,
    from,
    unnests: [],
    where: null,
    groupBy: [],
    groupByAll: false,
    having: null,
    windows: [],
    qualify: null,
    orderBy: [],
    limit: null,
    span: spanFrom(select, from),
  };
}

export function selectDistinctOn(parts: [Token, Expression[], SelectItem[], Token, TableReference]): Query {
  const [select, distinct, items, word, from] = parts;
  return { ...selectFrom([select, items, word, from]), distinctOn: distinct };
}

// --- UNNEST beside a table ---

export function unnested(parts: [Query, ...Token[], UnnestReference]): Query {
  const [query] = parts;
  const unnest = parts.at(-1) as UnnestReference;
  return { ...query, unnests: [...query.unnests, unnest], span: spanFrom(query, unnest) };
}

export function unnestedOuter([query, , , unnest, , end]: [Query, Token, Token, UnnestReference, Token, Token]): Query {
  return { ...query, unnests: [...query.unnests, { ...unnest, outer: true }], span: spanFrom(query, end) };
}

export function unnest(parts: [Token, Token, Expression, ...Token[]]): UnnestReference {
  const span = spanFrom(parts[0], parts.at(-1)!);
  return { list: parts[2], ordinality: parts.length > 4, alias: null, columns: [], outer: false, span };
}

/** `[AS] alias [(names)]`. */
export function unnestAlias(parts: [UnnestReference, ...(Token | Identifier[])[]]): UnnestReference {
  const [call, ...rest] = parts;
  const tokens = rest.filter((part): part is Token => !Array.isArray(part));
  const columns = rest.find((part) => Array.isArray(part)) ?? [];
  const name = tokens.find((token, i) => token.text !== 'AS' || i > 0) as Token;
  return { ...call, alias: identifier(name), columns, span: spanFrom(call, tokens.at(-1)!) };
}

type SelectParts = [Token, Token, SelectItem[], Token, TableReference];

export function selectAll([select, , items, word, from]: SelectParts): Query {
  return selectFrom([select, items, word, from]);
}

export function selectDistinct(parts: SelectParts): Query {
  return { ...selectAll(parts), distinct: true };
}

export function distinctOn([, , , list]: [Token, Token, Token, Expression[], Token]): Expression[] {
  return list;
}

export function where([query, , condition]: [Query, Token, Expression]): Query {
  return { ...query, where: condition, span: spanFrom(query, condition) };
}

export function groupBy([query, , , keys]: [Query, Token, Token, Expression[]]): Query {
  return { ...query, groupBy: keys, span: spanFrom(query, keys.at(-1)!) };
}

export function groupByAll([query, , , all]: [Query, Token, Token, Token]): Query {
  return { ...query, groupByAll: true, span: spanFrom(query, all) };
}

export function having([query, , condition]: [Query, Token, Expression]): Query {
  return { ...query, having: condition, span: spanFrom(query, condition) };
}

export function windows([query, , list]: [Query, Token, NamedWindow[]]): Query {
  return { ...query, windows: list, span: spanFrom(query, list.at(-1)!) };
}

export function qualify([query, , condition]: [Query, Token, Expression]): Query {
  return { ...query, qualify: condition, span: spanFrom(query, condition) };
}

export function limit([word, count, , offset]: [Token, NumberLiteral, Token?, NumberLiteral?]): LimitClause {
  return { count, offset: offset ?? null, by: [], span: spanFrom(word, offset ?? count) };
}

export function limitBy([word, count, , by]: [Token, NumberLiteral, Token, Expression[]]): LimitClause {
  return { count, offset: null, by, span: spanFrom(word, by.at(-1)!) };
}

export function offset([word, given]: [Token, NumberLiteral]): LimitClause {
  return { count: null, offset: given, by: [], span: spanFrom(word, given) };
}

// --- items and tables ---

export function star(tokens: Token[]): StarItem {
  const qualifier = tokens.length > 1 ? identifier(tokens[0]!) : null;
  return { kind: 'star', qualifier, exclude: [], replace: [], span: spanFrom(tokens[0]!, tokens.at(-1)!) };
}

type StarChange = Pick<StarItem, 'span'> & Partial<StarItem>;

export function starChanged([all, change, last]: [StarItem, StarChange, StarChange?]): StarItem {
  return { ...all, ...change, ...last, span: spanFrom(all, last ?? change) };
}

export function exclude([word, ...rest]: [Token, ...(Token | Identifier[])[]]): StarChange {
  const list = rest.find((part) => Array.isArray(part));
  return { exclude: list ?? [identifier(rest[0] as Token)], span: spanFrom(word, rest.at(-1) as Token) };
}

type Replacement = StarItem['replace'][number];

export function replace([word, ...rest]: [Token, ...(Token | Replacement | Replacement[])[]]): StarChange {
  const list = rest.find((part) => Array.isArray(part));
  return { replace: list ?? [rest[0] as Replacement], span: spanFrom(word, rest.at(-1) as Token | Replacement) };
}

export function replacement([expression, , name]: [Expression, Token, Token]): Replacement {
  return { expression, name: identifier(name), span: spanFrom(expression, name) };
}

export const firstName = ([name]: [Token]): Identifier[] => [identifier(name)];

export const appendName = ([names, , name]: [Identifier[], Token, Token]): Identifier[] => [...names, identifier(name)];

export function selectItem([expression, ...rest]: [Expression, ...Token[]]): SelectItem {
  const name = rest.at(-1);
  return {
    kind: 'expression',
    expression,
    alias: name === undefined ? null : identifier(name),
    span: spanFrom(expression, name ?? expression),
  };
}

export function table([name, ...rest]: [Token, ...Token[]]): TableReference {
  const other = rest.at(-1);
  return {
    kind: 'name',
    name: identifier(name),
    alias: other === undefined ? null : identifier(other),
    span: spanFrom(name, other ?? name),
  };
}

// --- EMIT and ALLOW LATENESS ---

export function emittedQuery([selected, clauses]: [QueryExpression, EmitClauses?]): Emitted {
  return {
    query: selected,
    emit: clauses?.emit ?? null,
    lateness: clauses?.lateness ?? null,
    late: clauses?.late ?? null,
    span: spanFrom(selected, clauses ?? selected),
  };
}

export function emitClauses(clauses: (EmitClause | LatenessClause | LateDataClause)[]): EmitClauses {
  return {
    emit: clauses.find((clause) => 'mode' in clause) ?? null,
    lateness: clauses.find((clause) => 'allowed' in clause) ?? null,
    late: clauses.find((clause) => 'sink' in clause) ?? null,
    span: spanFrom(clauses[0]!, clauses.at(-1)!),
  };
}

export function emit(mode: EmitClause['mode']): (parts: (Token | IntervalLiteral)[]) => EmitClause {
  return (parts) => {
    const last = parts.at(-1)!;
    return { mode, interval: 'kind' in last ? last : null, idle: null, span: spanFrom(parts[0]!, last) };
  };
}

export function orIdle([form, , , idle, last]: [EmitClause, Token, Token, IntervalLiteral, Token]): EmitClause {
  return { ...form, idle, span: spanFrom(form, last) };
}

export function lateData([word, , , sink]: [Token, Token, Token, Token]): LateDataClause {
  return { sink: identifier(sink), span: spanFrom(word, sink) };
}

export function lateness([word, , allowed]: [Token, Token, IntervalLiteral]): LatenessClause {
  return { allowed, span: spanFrom(word, allowed) };
}

export function durationText([token]: [Token]): IntervalLiteral {
  return { kind: 'interval', text: token.value, unit: null, span: spanFrom(token, token) };
}
