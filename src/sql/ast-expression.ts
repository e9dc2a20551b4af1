// The syntax tree of an expression: see ast.ts.

import type { Identifier, Span, TypeReference } from './ast.ts';
import type { QueryExpression, WindowSpecification } from './ast-query.ts';

export interface NumberLiteral {
  kind: 'number';
  text: string;
  span: Span;
}

export interface StringLiteral {
  kind: 'string';
  value: string;
  span: Span;
}

/** `INTERVAL '5' MINUTE` (unit upper-case, singular) or `INTERVAL '1 minute'` (unit null). */
export interface IntervalLiteral {
  kind: 'interval';
  text: string;
  unit: string | null;
  span: Span;
}

export type BinaryOperator =
  | '+'
  | '-'
  | '*'
  | '/'
  | '//'
  | '%'
  | '||'
  | '->'
  | '->>'
  | '~'
  | '!~'
  | '~*'
  | '!~*'
  | '&'
  | '|'
  | '<<'
  | '>>'
  | '^'
  | '='
  | '<>'
  | '<'
  | '<='
  | '>'
  | '>='
  | 'AND'
  | 'OR';

export type Expression =
  | NumberLiteral
  | StringLiteral
  | { kind: 'boolean'; value: boolean; span: Span }
  | { kind: 'null'; span: Span }
  | IntervalLiteral
  /** `TIMESTAMP '2024-01-01'`, `DATE '…'`. */
  | { kind: 'typed-literal'; type: TypeReference; text: string; span: Span }
  /** `name`, `qualifier.name`, and fields of a struct behind either. */
  | { kind: 'column'; path: Identifier[]; span: Span }
  /** `operand.name` of an operand that is no path. */
  | { kind: 'field'; operand: Expression; name: Identifier; span: Span }
  /** `operand[index]`. */
  | { kind: 'subscript'; operand: Expression; index: Expression; span: Span }
  /** `operand[low:high]`; null: from the first, to the last. */
  | { kind: 'slice'; operand: Expression; low: Expression | null; high: Expression | null; span: Span }
  /** `[a, b]`, `ARRAY[a, b]`. */
  | { kind: 'list'; items: Expression[]; span: Span }
  /** A list of one without its end, for ARRAY_AGG to put together: made by the binder, never written. */
  | { kind: 'item'; value: Expression; span: Span }
  /** `{'a': x}`, `STRUCT_PACK(a := x)`. */
  | { kind: 'struct'; fields: { name: Identifier; value: Expression }[]; span: Span }
  | { kind: 'unary'; operator: '-' | '+' | '~' | 'NOT'; operand: Expression; span: Span }
  | { kind: 'binary'; operator: BinaryOperator; left: Expression; right: Expression; span: Span }
  | { kind: 'is-null'; operand: Expression; negated: boolean; span: Span }
  /** `IS [NOT] TRUE | FALSE`. */
  | { kind: 'is-boolean'; operand: Expression; value: boolean; negated: boolean; span: Span }
  /** `IS [NOT] DISTINCT FROM`. */
  | { kind: 'is-distinct'; left: Expression; right: Expression; negated: boolean; span: Span }
  | { kind: 'between'; operand: Expression; low: Expression; high: Expression; negated: boolean; span: Span }
  | { kind: 'in'; operand: Expression; list: Expression[]; negated: boolean; span: Span }
  /** `operand IN (SELECT …)`. */
  | { kind: 'in-query'; operand: Expression; query: QueryExpression; negated: boolean; span: Span }
  | { kind: 'exists'; query: QueryExpression; span: Span }
  /** `(SELECT …)` as a value. */
  | { kind: 'scalar-query'; query: QueryExpression; span: Span }
  | {
      kind: 'like';
      operand: Expression;
      pattern: Expression;
      escape: Expression | null;
      caseInsensitive: boolean;
      negated: boolean;
      span: Span;
    }
  /** `operand` is null for the searched form. */
  | {
      kind: 'case';
      operand: Expression | null;
      branches: { when: Expression; then: Expression }[];
      otherwise: Expression | null;
      span: Span;
    }
  | { kind: 'cast'; operand: Expression; type: TypeReference; try: boolean; span: Span }
  /** EXTRACT(f FROM x) is `date_part('f', x)`, SUBSTRING(a FROM b FOR c) is `substring(a, b, c)`, POSITION(a IN b) is `position(b, a)`, TRIM(LEADING a FROM b) is `ltrim(b, a)`. */
  | {
      kind: 'call';
      name: Identifier;
      arguments: Expression[];
      distinct: boolean;
      star: boolean;
      /** `(x ORDER BY y)`, or `(x) WITHIN GROUP (ORDER BY y)`. */
      order: { items: SortItem[]; within: boolean; span: Span } | null;
      filter: Expression | null;
      over: WindowSpecification | null;
      /** IGNORE NULLS before OVER. */
      ignoreNulls?: true;
      span: Span;
    };

/** One item of ORDER BY. */
export interface SortItem {
  expression: Expression;
  descending: boolean;
  /** null: not said. */
  nullsFirst: boolean | null;
  span: Span;
}
