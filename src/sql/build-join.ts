// Makes syntax nodes of joins: the post-processors of the joins in grammar/select.ne. Pure, and never throwing.

import type { Identifier, Span } from './ast.ts';
import type { Expression } from './ast-expression.ts';
import type { JoinCondition, JoinReference, JoinType, NamedTable, TableReference } from './ast-query.ts';
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
