// Calls of functions in JavaScript.
//
//   arguments that are not constant → host.n → CELL_STATUS and CELL_HOST_VALUE → the value on the stack
//
// Laminar's own are strict, like kernels: a row in which an argument is NULL does not call them. Declared ones see NULL.

import { CELL_HOST_VALUE } from '../../../kernels/layout.ts';
import { LaminarError } from '../../base/errors.ts';
import { physicalOf } from '../../data/type.ts';
import { type HostArgument, type HostFunction, hostTypesOf } from '../../plan/host-function.ts';
import type { BoundExpression, FunctionBody } from '../expression.ts';
import { overloadById } from '../functions/registry.ts';
import { rewriteExpression } from '../optimize/rewrite.ts';
import { emitExpression, emitStrict, type Node } from './expression-code.ts';
import { type MapContext, type Nullness, saveValue, siteOf } from './map-context.ts';

/** The functions in JavaScript that a module imports, each once. */
export class HostImports {
  readonly functions: HostFunction[] = [];
  readonly #indexes = new Map<string, number>();

  /** The number of a function's import. */
  indexOf(called: HostFunction): number {
    const key = JSON.stringify(called, (_, value) => (typeof value === 'bigint' ? `${value}n` : value));
    const known = this.#indexes.get(key);
    if (known !== undefined) return known;
    this.functions.push(called);
    this.#indexes.set(key, this.functions.length - 1);
    return this.functions.length - 1;
  }
}

/** Whether some part of an expression is computed in JavaScript. */
export function isInterpreted(expression: BoundExpression): boolean {
  let found = false;
  rewriteExpression(expression, (e) => {
    found ||= e.kind === 'call' && (e.definition !== undefined || overloadById(e.function).code.kind === 'host');
    return e;
  });
  return found;
}

/** @param body what CREATE FUNCTION declared, null for a function of the registry. */
export function emitHostCall(map: MapContext, expression: Node<'call'>, body: FunctionBody | null): Nullness {
  return body === null ? emitOwn(map, expression) : emitDeclared(map, expression, body);
}

/** @throws LMN-3006 for a constant argument that the function will not take. */
function emitOwn(map: MapContext, expression: Node<'call'>): Nullness {
  const { name, nulls, code, fails } = overloadById(expression.function);
  const constants = expression.arguments.map(constantOf);
  const wrong = code.kind === 'host' ? (code.check?.(constants) ?? null) : null;
  if (wrong !== null) {
    const { start, end } = (expression.arguments[wrong.argument] as BoundExpression).span;
    throw new LaminarError('LMN-3006', wrong.problem, { hint: wrong.hint, at: { span: { start, end } } });
  }
  const passed = expression.arguments.map(
    (argument, i): HostArgument => ({
      type: argument.type,
      nullable: false,
      ...(constants[i] === undefined ? {} : { constant: constants[i] }),
    }),
  );
  return emitStrict(map, expression, {
    operands: expression.arguments.filter((_, i) => constants[i] === undefined),
    mayBeNull: nulls === 'may-be-null',
    needsValues: true,
    fails: fails === true,
    body: () => {
      const values = passed
        .filter((argument) => argument.constant === undefined)
        .reverse()
        .map(({ type }) => ({ type, ...saveValue(map, type, null) }))
        .reverse();
      for (const { type, value } of values) pushArgument(map, physicalOf(type) === 'ref', value);
      emitImport(map, { name, arguments: passed, result: expression.type, body: null });
      map.emitter.checkStatus({ mayBeNull: nulls === 'may-be-null', fails: fails === true });
      map.emitter.free(...values.map(({ value }) => value));
    },
  });
}

function emitDeclared(map: MapContext, expression: Node<'call'>, body: FunctionBody): Nullness {
  const { emitter } = map;
  const values = expression.arguments.map((argument) => {
    const constant = constantOf(argument);
    if (constant !== undefined) return { type: argument.type, constant, value: null, isNull: null };
    return { type: argument.type, ...saveValue(map, argument.type, emitExpression(map, argument)) };
  });
  const name = expression.function.slice(0, expression.function.lastIndexOf('('));
  const isNull = emitter.local('i32');
  for (const value of values) {
    if (value.value === null) continue;
    pushArgument(map, physicalOf(value.type) === 'ref', value.value);
    if (value.isNull !== null) emitter.get(value.isNull);
  }
  emitter.within({ site: siteOf(map, expression) }, isNull, () => {
    emitImport(map, {
      name,
      arguments: values.map(({ type, isNull: nullness, ...rest }) => ({
        type,
        nullable: nullness !== null,
        ...('constant' in rest && rest.constant !== undefined ? { constant: rest.constant } : {}),
      })),
      result: expression.type,
      body,
    });
    emitter.checkStatus({ mayBeNull: true, fails: true });
  });
  emitter.free(...values.flatMap(({ value, isNull: nullness }) => [value, nullness]));
  return isNull;
}

/** The value of a literal that is not NULL. */
function constantOf(expression: BoundExpression): NonNullable<HostArgument['constant']> | undefined {
  return expression.kind === 'literal' && expression.value !== null ? expression.value : undefined;
}

function pushArgument({ emitter }: MapContext, isRef: boolean, value: number): void {
  emitter.get(value);
  if (isRef) emitter.op('i32.wrap_i64').get(value).i64(32).op('i64.shr_u', 'i32.wrap_i64');
}

/** Arguments are on the stack; pushes the result, whatever CELL_STATUS says. */
function emitImport({ emitter, hosts }: MapContext, called: HostFunction): void {
  emitter.host(hosts.indexOf(called), called.arguments.flatMap(hostTypesOf));
  emitter.i32(0).load(physicalOf(called.result), CELL_HOST_VALUE);
}
