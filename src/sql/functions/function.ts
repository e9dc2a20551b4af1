// The contract of a scalar function, and looking one up.
//
// An overload has parameter types and a result type; the binder inserts casts so that arguments arrive exactly so.
// It is compiled either inline (`emit` writes WebAssembly) or as a call of a scalar kernel of the same signature, one
// WebAssembly value per SQL value: BOOLEAN, TINYINT…INTEGER and DATE are i32, BIGINT, TIMESTAMP and INTERVAL i64,
// DOUBLE f64, VARCHAR and JSON i64 (a packed ref).

import type { DataType } from '../../data/type.ts';
import type { Emitter } from '../codegen/emitter.ts';
import type { FunctionBody, LiteralValue } from '../expression.ts';

/** Takes the arguments, undefined where they are not constant. @returns what is wrong with argument n, or null. */
export type ConstantCheck = (
  constants: readonly (LiteralValue | undefined)[],
) => { argument: number; problem: string; hint: string } | null;

export interface ScalarOverload {
  /** Unique: the canonical name, then the parameter types, e.g. `round(DOUBLE,INTEGER)`. */
  id: string;
  /** Canonical name, lower case. */
  name: string;
  parameters: readonly DataType[];
  /** The last parameter may be repeated (concat, greatest). */
  variadic?: true;
  result: DataType;
  /**
   * For types that depend on those of the arguments (lists of anything): what it takes and gives for these, null when it
   * does not take them. `parameters` and `result` are then for the reader.
   */
  instantiate?: (argumentTypes: readonly DataType[]) => Instance | null;
  /**
   * `strict`: NULL if an argument is, otherwise a value. `may-be-null`: NULL if an argument is, and for some values
   * too. `handles-null`: sees NULL arguments itself (concat).
   */
  nulls: 'strict' | 'may-be-null' | 'handles-null';
  /** Only for calls whose first argument is this string as written, in any case (the field of EXTRACT(EPOCH FROM …)). */
  constant?: string;
  /** May raise an error for some values (overflow, bad argument). */
  fails?: true;
  code:
    | { kind: 'inline'; emit: (emitter: Emitter) => void }
    | { kind: 'kernel'; kernel: string }
    | { kind: 'special' }
    /** Called in JavaScript per row: the runtime's own function of this name. `check` refuses constant arguments. */
    | { kind: 'host'; check: ConstantCheck | null }
    /** Called in JavaScript per row: what CREATE FUNCTION declared. */
    | { kind: 'declared'; body: FunctionBody };
}

export interface Instance {
  parameters: readonly DataType[];
  result: DataType;
}

export interface ScalarFunction {
  name: string;
  aliases: readonly string[];
  /** `numeric`, `string`, `time`, `conditional`, … : the chapter of the reference. */
  group: string;
  /** One sentence, and an example with its result, for docs/. */
  summary: string;
  example: { sql: string; result: string | null };
  overloads: readonly ScalarOverload[];
}
