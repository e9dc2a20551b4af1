// Makes syntax nodes of joins: the post-processors of the joins in grammar/select.ne. Pure, and never throwing.

import type { Identifier, Span } from './ast.ts';
import type { Expression, IntervalLiteral } from './ast-expression.ts';
import type { JoinCondition, JoinReference, JoinType, NamedTable, ProbeClause, TableReference } from './ast-query.ts';
import type { Token } from './lexer.ts';
import { identifier, spanFrom } from './span.ts';

/** The words of a join: `LEFT OUTER`. */
interface JoinWords {
  join: JoinType;
  span: Span;
}

export function joinType(join: JoinType): (words: Token[]) => JoinWords {
  return (words) => ({ join, span: spanFrom(words[0]!, words.at(-1)!) });
}

export function join([left, { join: type }, , right, condition]: [
  TableReference,
  JoinWords,
  Token,
  TableReference,
  JoinCondition,
]): JoinReference {
  return { kind: 'join', join: type, left, right, condition, span: spanFrom(left, condition) };
}

export function plainJoin(parts: [TableReference, Token, TableReference, JoinCondition]): JoinReference {
  const [left, , right, condition] = parts;
  return { kind: 'join', join: 'inner', left, right, condition, span: spanFrom(left, condition) };
}

export function naturalJoin(parts: [TableReference, Token, ...(Token | JoinWords | TableReference)[]]): JoinReference {
  const [left, word, type] = parts;
  const right = parts.at(-1) as TableReference;
  const words = type !== undefined && 'join' in type && !('kind' in type) ? type.join : 'inner';
  const condition: JoinCondition = { kind: 'natural', span: spanFrom(word, word) };
  return { kind: 'join', join: words, left, right, condition, span: spanFrom(left, right) };
}

export function crossJoin([left, , , right]: [TableReference, Token, Token, TableReference]): JoinReference {
  return { kind: 'join', join: 'inner', left, right, condition: null, span: spanFrom(left, right) };
}

export function commaJoin([left, , right]: [TableReference, Token, TableReference]): JoinReference {
  return { kind: 'join', join: 'inner', left, right, condition: null, span: spanFrom(left, right) };
}

export function versions(parts: (Token | Expression)[]): NamedTable {
  const [name, word] = parts as [Token, Token];
  const time = parts[5] as Expression;
  const column = parts[8] as Token | undefined;
  const last = column ?? time;
  const asOf = { time, column: column === undefined ? null : identifier(column), span: spanFrom(word, last) };
  return { kind: 'name', name: identifier(name), alias: null, asOf, span: spanFrom(name, last) };
}

export function versionsAlias([table, ...words]: [NamedTable, ...Token[]]): NamedTable {
  const alias = words.at(-1) as Token;
  return { ...table, alias: identifier(alias), span: spanFrom(table, alias) };
}

/** `5s`, `-2s`, and a number of milliseconds. */
export function probeOffset(tokens: Token[]): IntervalLiteral {
  const last = tokens.at(-1)!;
  const text = tokens.map((token) => token.text).join('');
  const unit = last.type === 'number' ? 'MILLISECOND' : null;
  return { kind: 'interval', text, unit, span: spanFrom(tokens[0]!, last) };
}

type Offsets = ProbeClause['offsets'];

export function probeList([word, , items, close]: [Token, Token, IntervalLiteral[], Token]): Offsets {
  return { kind: 'list', items, span: spanFrom(word, close) };
}

export function probeRange(parts: (Token | IntervalLiteral)[]): Offsets {
  const [from, to, step = null] = parts.filter((part): part is IntervalLiteral => 'kind' in part) as [
    IntervalLiteral,
    IntervalLiteral,
    IntervalLiteral?,
  ];
  return { kind: 'range', from, to, step, span: spanFrom(parts[0] as Token, step ?? to) };
}

export function probes(parts: (Token | Offsets)[]): Pick<ProbeClause, 'times' | 'offsets'> {
  const offsets = parts.at(-1) as Offsets;
  if (parts.length === 1) return { times: null, offsets };
  return { times: [identifier(parts[2] as Token), identifier(parts[4] as Token)], offsets };
}

export function probeJoin(parts: unknown[]): JoinReference {
  const left = parts[0] as TableReference;
  const right = parts[4] as TableReference;
  const [on, , columns, close] = parts.slice(5, 9) as [Token, Token, Identifier[], Token];
  const clause = parts[9] as Pick<ProbeClause, 'times' | 'offsets'>;
  const last = parts[11] as Token;
  const condition: JoinCondition = { kind: 'using', columns, span: spanFrom(on, close) };
  const probe = { ...clause, alias: identifier(last) };
  return { kind: 'join', join: 'left', left, right, condition, probe, span: spanFrom(left, last) };
}

export function joinOn([word, expression]: [Token, Expression]): JoinCondition {
  return { kind: 'on', expression, span: spanFrom(word, expression) };
}

export function joinUsing([word, , columns, close]: [Token, Token, Identifier[], Token]): JoinCondition {
  return { kind: 'using', columns, span: spanFrom(word, close) };
}

interface AsofCondition {
  match: Expression | null;
  condition: JoinCondition | null;
  span: Span;
}

interface MatchCondition {
  match: Expression;
  span: Span;
}

export function matchCondition([word, , match, close]: [Token, Token, Expression, Token]): MatchCondition {
  return { match, span: spanFrom(word, close) };
}

/** MATCH_CONDITION and ON or USING, in either order. */
export function asofCondition(parts: (MatchCondition | JoinCondition)[]): AsofCondition {
  const match = parts.find((part): part is MatchCondition => 'match' in part)?.match ?? null;
  const condition = parts.find((part): part is JoinCondition => 'kind' in part) ?? null;
  return { match, condition, span: spanFrom(parts[0]!, parts.at(-1)!) };
}

export function asofJoin(
  parts: [TableReference, Token, ...(Token | JoinWords | TableReference | AsofCondition)[]],
): JoinReference {
  const [left, , type] = parts;
  const right = parts.at(-2) as TableReference;
  const { match, condition, span } = parts.at(-1) as AsofCondition;
  const join = type !== undefined && 'join' in type && !('kind' in type) ? type.join : 'inner';
  return { kind: 'join', join, left, right, condition, asof: { match }, span: spanFrom(left, span) };
}
