// CREATE FUNCTION: a scalar function in JavaScript, checked and made callable in the statements below it.
//
// Declared functions stand beside the registry's: they never hide one of those, and have one overload each.

import vm from 'node:vm';
import { LaminarError } from '../../base/errors.ts';
import type { DataType, TypeKind } from '../../data/type.ts';
import { AGGREGATE_NAMES } from '../../plan/aggregates/registry.ts';
import { compileBody } from '../../plan/function-body.ts';
import type { CreateFunction, Span, TypeReference } from '../ast.ts';
import type { ScalarFunction, ScalarOverload } from '../functions/function.ts';
import { overloadOf } from '../functions/registry.ts';
import { BrokenReference } from './broken-reference.ts';
import { SPECIAL_NAMES } from './calls.ts';
import type { FunctionCatalog } from './scope.ts';
import { resolveType } from './types.ts';
import { WINDOW_NAMES } from './windows.ts';

/** The registry and what the pipeline declares. */
export class DeclaredFunctions implements FunctionCatalog {
  readonly #registry: FunctionCatalog;
  /** By lower-case name. */
  readonly #broken = new Set<string>();
  readonly #declared = new Map<string, ScalarFunction>();

  constructor(registry: FunctionCatalog) {
    this.#registry = registry;
  }

  resolve(
    name: string,
    argumentTypes: DataType[],
    first?: string,
  ): { overload: ScalarOverload } | { error: 'unknown' | 'arguments'; function?: ScalarFunction } {
    if (this.#broken.has(name.toLowerCase())) throw new BrokenReference();
    const declared = this.#declared.get(name.toLowerCase());
    if (declared === undefined) return this.#registry.resolve(name, argumentTypes, first);
    const overload = overloadOf(declared, argumentTypes);
    return overload === null ? { error: 'arguments', function: declared } : { overload };
  }

  names(): string[] {
    return [...this.#registry.names(), ...this.#declared.keys()];
  }

  /** Its statement was wrong: uses of it are not reported too. */
  declareBroken(name: string): void {
    this.#broken.add(name.toLowerCase());
  }

  /** @throws LMN-2001, LMN-2005, LMN-2025. */
  declare(statement: CreateFunction): void {
    const { name, span } = statement.name;
    const key = name.toLowerCase();
    if (this.#declared.has(key) && statement.ifNotExists) return;
    if (this.#declared.has(key) && !statement.orReplace) {
      throw new LaminarError('LMN-2001', `function ${name} exists already`, {
        hint: 'choose another name, or write CREATE OR REPLACE, or IF NOT EXISTS',
        at: { span },
      });
    }
    const taken = [...this.#registry.names(), ...SPECIAL_NAMES, ...AGGREGATE_NAMES, ...WINDOW_NAMES];
    if (taken.some((other) => other.toLowerCase() === key)) {
      throw new LaminarError('LMN-2001', `${name} is a function of Laminar's own`, {
        hint: `choose another name, such as my_${key}`,
        at: { span },
      });
    }
    this.#declared.set(key, bindFunctionStatement(statement));
  }
}

function bindFunctionStatement(statement: CreateFunction): ScalarFunction {
  const { name } = statement.name;
  checkLanguage(statement);
  const parameters = statement.parameters.map(({ type }) => resolveScalar(type));
  const result = resolveScalar(statement.result);
  const body = { parameters: parameterNames(statement), source: statement.body.source };
  checkSyntax(statement, body.parameters);
  const overload: ScalarOverload = {
    id: `${name}(${parameters.map(({ kind }) => kind).join(',')})`,
    name,
    parameters,
    result,
    nulls: 'may-be-null',
    fails: true,
    code: { kind: 'declared', body },
  };
  const summary = 'Declared by CREATE FUNCTION.';
  const example = { sql: '', result: '' };
  return { name, aliases: [], group: 'declared', summary, example, overloads: [overload] };
}

/** Types that values of JavaScript stand for. */
const TAKEN: ReadonlySet<TypeKind> = new Set([
  ...(['BOOLEAN', 'TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'DOUBLE'] as const),
  ...(['VARCHAR', 'JSON', 'TIMESTAMP', 'DATE', 'INTERVAL'] as const),
]);

/** @throws LMN-2005, LMN-2025. */
function resolveScalar(reference: TypeReference): DataType {
  const type = resolveType(reference);
  if (TAKEN.has(type.kind)) return type;
  throw new LaminarError('LMN-2025', `a function in JavaScript takes and gives no ${type.kind}`, {
    hint: 'declare it as JSON (to_json(x) makes one of a list or struct, a CAST the reverse), DOUBLE or VARCHAR',
    at: { span: reference.span },
  });
}

function checkLanguage({ language }: CreateFunction): void {
  if (['javascript', 'js'].includes(language.name.toLowerCase())) return;
  throw new LaminarError('LMN-2025', `functions are written in JavaScript, not in ${language.name}`, {
    hint: 'LANGUAGE javascript AS $$ return x + 1 $$',
    at: { span: language.span },
  });
}

/** Names as JavaScript takes them. */
function parameterNames({ parameters }: CreateFunction): string[] {
  const seen = new Set<string>();
  for (const { name } of parameters) {
    if (seen.has(name.name)) {
      throw new LaminarError('LMN-2025', `the parameter ${name.name} is there twice`, { at: { span: name.span } });
    }
    if (!isBindable(name.name)) {
      throw new LaminarError('LMN-2025', `${name.name} cannot be the name of a parameter in JavaScript`, {
        hint: 'choose another name: letters, digits and _, and no word of the language',
        at: { span: name.span },
      });
    }
    seen.add(name.name);
  }
  return [...seen];
}

function isBindable(name: string): boolean {
  if (!/^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(name)) return false;
  try {
    return new vm.Script(`'use strict'; let ${name};`) !== null;
  } catch {
    return false;
  }
}

/** @throws LMN-2025 with the place that JavaScript's parser names. */
function checkSyntax({ name, body }: CreateFunction, parameters: readonly string[]): void {
  try {
    compileBody(name.name, { parameters, source: body.source });
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new LaminarError('LMN-2025', `the body of ${name.name} is no JavaScript: ${error.message}`, {
      hint: 'a body is what stands between the braces of a function: $$ return x + 1 $$',
      at: { span: syntaxPlace(body, name.name, error.stack ?? '') },
    });
  }
}

/** The stack begins with `function:name:line`, the line itself, and a caret under the place. */
function syntaxPlace(body: CreateFunction['body'], name: string, stack: string): Span {
  const [head = '', , carets = ''] = stack.split('\n');
  const line = head.startsWith(`function:${name}:`) ? Number(head.slice(`function:${name}:`.length)) : Number.NaN;
  const caret = carets.indexOf('^');
  const lines = body.source.split('\n');
  const text = lines[line - 1];
  if (text === undefined || caret < 0) return body.span;
  const before = lines.slice(0, line - 1).reduce((length, l) => length + l.length + 1, 0);
  // In the first line the parser also saw what makes the body strict.
  const column = line === 1 ? caret - STRICT_LENGTH : caret;
  const start = body.span.start + 2 + before + Math.max(0, Math.min(column, text.length));
  return { start, end: Math.min(start + Math.max(1, carets.trim().length), body.span.end) };
}

const STRICT_LENGTH = "'use strict';".length;
