// Short forms for writing down functions: a name, its documentation, and its overloads.

import { type DataType, typeName } from '../../data/type.ts';
import type { Emitter } from '../codegen/emitter.ts';
import type { ConstantCheck, Instance, ScalarFunction, ScalarOverload } from './function.ts';

/** An overload before it knows its function's name. */
export type OverloadPart = Omit<ScalarOverload, 'id' | 'name'>;

export interface OverloadOptions {
  nulls?: ScalarOverload['nulls'];
  fails?: true;
  variadic?: true;
  constant?: string;
}

/** An overload compiled in place: `emit` finds the arguments on the stack and leaves the result. */
export function inline(
  parameters: readonly DataType[],
  result: DataType,
  emit: (emitter: Emitter) => void,
  options: OverloadOptions = {},
): OverloadPart {
  return { parameters, result, nulls: 'strict', ...options, code: { kind: 'inline', emit } };
}

/** An overload that calls a kernel of the same signature. One that fails or may be NULL sets CELL_STATUS each time. */
export function kernel(
  parameters: readonly DataType[],
  result: DataType,
  name: string,
  options: OverloadOptions = {},
): OverloadPart {
  return { parameters, result, nulls: 'strict', ...options, code: { kind: 'kernel', kernel: name } };
}

/** An overload compiled by src/sql/codegen/special-code.ts, by the function's name. */
export function special(
  parameters: readonly DataType[],
  result: DataType,
  options: OverloadOptions = {},
): OverloadPart {
  return { parameters, result, nulls: 'strict', ...options, code: { kind: 'special' } };
}

/** An overload for types that depend on those of the arguments, compiled by special code. */
export function generic(
  signature: Instance,
  instantiate: (argumentTypes: readonly DataType[]) => Instance | null,
  options: OverloadOptions = {},
): OverloadPart {
  return { ...signature, instantiate, nulls: 'strict', ...options, code: { kind: 'special' } };
}

/** An overload that the runtime computes in JavaScript, by the function's name (src/runtime/host/own-functions.ts). */
export function host(
  parameters: readonly DataType[],
  result: DataType,
  { check = null, ...options }: OverloadOptions & { check?: ConstantCheck | null } = {},
): OverloadPart {
  return { parameters, result, nulls: 'strict', ...options, code: { kind: 'host', check } };
}

export interface FunctionText {
  name: string;
  aliases?: readonly string[];
  summary: string;
  /** An SQL expression without columns, and its value as it is printed. */
  example: readonly [sql: string, result: string | null];
}

/** Defines the functions of one chapter. */
export function chapter(group: string): (text: FunctionText, ...overloads: readonly OverloadPart[]) => ScalarFunction {
  return (text, ...overloads) => ({
    name: text.name,
    aliases: text.aliases ?? [],
    group,
    summary: text.summary,
    example: { sql: text.example[0], result: text.example[1] },
    overloads: overloads.map((part) => ({ id: idOf(text.name, part), name: text.name, ...part })),
  });
}

function idOf(name: string, part: OverloadPart): string {
  const parameters = part.parameters.map(typeName);
  if (part.constant !== undefined) parameters[0] = `'${part.constant}'`;
  if (part.variadic) parameters.push('…');
  return `${name}(${parameters.join(',')})`;
}
