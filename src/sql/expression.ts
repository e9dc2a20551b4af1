// Bound expressions: every name resolved, every type known, every coercion explicit. What the binder makes, the
// optimizer rewrites and codegen compiles. Plain data.

import type { DataType } from '../data/type.ts';
import type { Span } from './ast.ts';

/** BIGINT, TIMESTAMP (µs) and INTERVAL (µs) are bigint; DATE is a number of days; NULL is null. */
export type LiteralValue = null | boolean | number | bigint | string;

interface Bound {
  type: DataType;
  /** Whether the value can be NULL. */
  nullable: boolean;
  /** Where it stands in the pipeline text, for errors at run time. */
  span: Span;
}

/** A function in JavaScript: the names of its parameters, and the text between the braces. */
export interface FunctionBody {
  parameters: readonly string[];
  source: string;
}

export type BoundExpression =
  | (Bound & { kind: 'literal'; value: LiteralValue })
  /** A column of the input schema. */
  | (Bound & { kind: 'column'; index: number; name: string })
  /** A scalar function: `function` is the id of an overload in the registry (src/sql/functions). */
  | (Bound & {
      kind: 'call';
      function: string;
      arguments: BoundExpression[];
      /** The body, where CREATE FUNCTION declared it: such a function is not in the registry. */
      definition?: FunctionBody;
    })
  /** To `type`; `try` gives NULL where the plain cast is an error. */
  | (Bound & { kind: 'cast'; operand: BoundExpression; try: boolean })
  /** Three-valued; two or more operands. */
  | (Bound & { kind: 'and' | 'or'; operands: BoundExpression[] })
  | (Bound & { kind: 'not'; operand: BoundExpression })
  | (Bound & { kind: 'is-null'; operand: BoundExpression; negated: boolean })
  /** Operands of one type. BOOLEAN: false < true; VARCHAR by bytes; NaN equals NaN and is greater than all. */
  | (Bound & {
      kind: 'compare';
      operator: '=' | '<>' | '<' | '<=' | '>' | '>=';
      left: BoundExpression;
      right: BoundExpression;
    })
  /** NULL-safe: never NULL. `negated` is IS NOT DISTINCT FROM. */
  | (Bound & { kind: 'is-distinct'; left: BoundExpression; right: BoundExpression; negated: boolean })
  /** Literals or expressions of the operand's type. */
  | (Bound & { kind: 'in'; operand: BoundExpression; list: BoundExpression[]; negated: boolean })
  /** Searched form; conditions are BOOLEAN, results of `type`. Branches are evaluated only when taken. */
  | (Bound & { kind: 'case'; branches: { when: BoundExpression; then: BoundExpression }[]; otherwise: BoundExpression })
  /** First non-NULL; evaluated left to right, no further than needed. */
  | (Bound & { kind: 'coalesce'; operands: BoundExpression[] });
