// The syntax tree of a query: see ast.ts.

import type { Identifier, Span } from './ast.ts';
import type { Expression, IntervalLiteral, NumberLiteral, SortItem } from './ast-expression.ts';

export type QueryExpression = Query | UnionQuery;

/** `a UNION ALL b`: never with ORDER BY or LIMIT, which are a Query's that reads it. */
export interface UnionQuery {
  kind: 'union';
  with: CommonTable[];
  inputs: QueryExpression[];
  span: Span;
}

/** `name [(columns)] AS (query)` of a WITH clause. */
export interface CommonTable {
  name: Identifier;
  /** New names for its columns; empty: their own. */
  columns: Identifier[];
  query: QueryExpression;
  span: Span;
}

export interface Query {
  kind: 'query';
  with: CommonTable[];
  /** SELECT DISTINCT. */
  distinct: boolean;
  /** SELECT DISTINCT ON (…): empty without it. */
  distinctOn: Expression[];
  items: SelectItem[];
  from: TableReference;
  /** Beside it, from left to right. */
  unnests: UnnestReference[];
  where: Expression | null;
  groupBy: Expression[];
  groupByAll: boolean;
  having: Expression | null;
  /** WINDOW name AS (…). */
  windows: NamedWindow[];
  qualify: Expression | null;
  orderBy: SortItem[];
  limit: LimitClause | null;
  span: Span;
}

/** `LIMIT count [OFFSET offset]`, `LIMIT count BY list`, `OFFSET offset`. */
export interface LimitClause {
  count: NumberLiteral | null;
  offset: NumberLiteral | null;
  /** The first `count` rows of each of these; empty: of all. */
  by: Expression[];
  span: Span;
}

export interface NamedWindow {
  name: Identifier;
  window: WindowSpecification;
  span: Span;
}

/** `(base PARTITION BY … ORDER BY … frame)`, each part if it is there; `OVER base` is `OVER (base)`. */
export interface WindowSpecification {
  /** A window of the WINDOW clause that it goes on from. */
  base: Identifier | null;
  partitionBy: Expression[];
  orderBy: SortItem[];
  frame: WindowFrame | null;
  span: Span;
}

export interface WindowFrame {
  unit: 'ROWS' | 'RANGE' | 'GROUPS';
  start: FrameBound;
  end: FrameBound;
  /** EXCLUDE: the row itself, with its equals, or only those. */
  exclude?: 'CURRENT ROW' | 'GROUP' | 'TIES';
  span: Span;
}

export interface FrameBound {
  kind: 'preceding' | 'current' | 'following';
  /** null: unbounded, or the current row. */
  offset: NumberLiteral | IntervalLiteral | null;
  span: Span;
}

export type SelectItem =
  | StarItem
  | { kind: 'expression'; expression: Expression; alias: Identifier | null; span: Span };

/** `, UNNEST(list) [WITH ORDINALITY] [AS alias(columns)]`, also behind CROSS JOIN and LEFT JOIN … ON TRUE. */
export interface UnnestReference {
  list: Expression;
  ordinality: boolean;
  alias: Identifier | null;
  columns: Identifier[];
  /** LEFT JOIN: a row without elements comes out once. */
  outer: boolean;
  span: Span;
}

/** `* [EXCLUDE (names)] [REPLACE (expression AS name, …)]`. */
export interface StarItem {
  kind: 'star';
  qualifier: Identifier | null;
  exclude: Identifier[];
  replace: { expression: Expression; name: Identifier; span: Span }[];
  span: Span;
}

export type TableReference =
  | NamedTable
  | { kind: 'subquery'; query: QueryExpression; alias: Identifier | null; span: Span }
  | JoinReference;

/** `name [FOR SYSTEM_TIME AS OF time [VERSIONED ON column]] [AS alias]`. */
export interface NamedTable {
  kind: 'name';
  name: Identifier;
  alias: Identifier | null;
  asOf?: { time: Expression; column: Identifier | null; span: Span };
  span: Span;
}

/** mark: left rows and whether they have a match; made by the binder, never written. */
export type JoinType = 'inner' | 'left' | 'right' | 'full' | 'semi' | 'anti' | 'mark';

/** `left JOIN right ON …`; a comma and CROSS JOIN are inner joins without a condition. */
export interface JoinReference {
  kind: 'join';
  join: JoinType;
  left: TableReference;
  right: TableReference;
  condition: JoinCondition | null;
  /** ASOF: with MATCH_CONDITION, or without, where ON says what it would. */
  asof?: { match: Expression | null };
  /** TEMPORAL PROBE JOIN: a row of the left side for each offset. Its condition is `using`. */
  probe?: ProbeClause;
  span: Span;
}

/** `[TIMESTAMPS (left, right)] LIST (…) | RANGE FROM … TO … [STEP …] AS alias`. */
export interface ProbeClause {
  /** Of the left and the right side; null: their event times. */
  times: readonly [Identifier, Identifier] | null;
  offsets:
    | { kind: 'list'; items: IntervalLiteral[]; span: Span }
    | { kind: 'range'; from: IntervalLiteral; to: IntervalLiteral; step: IntervalLiteral | null; span: Span };
  alias: Identifier;
}

/** `natural`: USING with every name that both sides have. */
export type JoinCondition =
  | { kind: 'on'; expression: Expression; span: Span }
  | { kind: 'using'; columns: Identifier[]; span: Span }
  | { kind: 'natural'; span: Span };
