// Functions in JavaScript that compiled code calls: from a plan's list to imports of its module.
//
//   compiled code ─ numbers ─► read the arguments ─ values ─► the function ─ a value ─► CELL_STATUS, CELL_HOST_VALUE
//
// A function that throws, or gives what its result type cannot hold, stops the map (ERROR_HOST); what it was is kept
// here until the operator asks for it. Text goes through the memory as UTF-8; text that is made lives on the transient
// stack like that of any expression.

import { CELL_STATUS, ERROR_HOST, ERROR_MEMORY, STATUS_NULL, STATUS_VALUE } from '../../../kernels/layout.ts';
import { assert } from '../../base/assert.ts';
import type { ErrorCode } from '../../base/codes.ts';
import type { LinearMemory } from '../../data/memory.ts';
import { compileBody } from '../../plan/function-body.ts';
import type { HostFunction } from '../../plan/host-function.ts';
import { ArgumentError } from './argument-error.ts';
import { argumentReader, TextTooLong, UnfitResult, ValueWriter } from './host-values.ts';
import { OWN_FUNCTIONS } from './own-functions.ts';

/** What went wrong in a call. */
export interface HostFailure {
  code: ErrorCode;
  problem: string;
  hint: string;
}

export interface Host {
  /** By the names that compiled code imports: `0`, `1`, … */
  imports: WebAssembly.ModuleImports;
  /** What the last failed call met. */
  failure: HostFailure | null;
}

/** A function over values as JavaScript has them; NULL is null. */
export type HostBody = (...values: never[]) => unknown;

type Raw = number | bigint;

export function createHost(functions: readonly HostFunction[], memory: LinearMemory): Host {
  const host: Host = { imports: {}, failure: null };
  functions.forEach((called, index) => {
    host.imports[String(index)] = importOf(called, memory, host);
  });
  return host;
}

function importOf(called: HostFunction, memory: LinearMemory, host: Host): (...raw: Raw[]) => void {
  const { name, body } = called;
  const compute = (body === null ? ownFunction(name) : compileBody(name, body)) as (...values: unknown[]) => unknown;
  const readers = called.arguments.map((argument) => argumentReader(argument, memory));
  const writer = new ValueWriter(called.result, memory);
  const values: unknown[] = new Array(readers.length).fill(null);
  return (...raw) => {
    let status = STATUS_VALUE;
    try {
      let at = 0;
      for (let i = 0; i < readers.length; i++) {
        const reader = readers[i] as (typeof readers)[number];
        values[i] = reader.read(raw, at);
        at += reader.width;
      }
      const result = compute(...values);
      if (result === null) status = STATUS_NULL;
      else writer.write(result);
    } catch (error) {
      status = error instanceof TextTooLong ? ERROR_MEMORY : ERROR_HOST;
      host.failure = failureOf(called, error);
    }
    memory.refresh();
    memory.store32(CELL_STATUS, status);
  };
}

function ownFunction(name: string): HostBody {
  const make = OWN_FUNCTIONS[name];
  assert(make !== undefined, `the runtime has a function ${name}`);
  return make();
}

function failureOf({ name, body }: HostFunction, error: unknown): HostFailure {
  if (error instanceof UnfitResult) {
    return {
      code: 'LMN-3008',
      problem: `function ${name} returned ${error.found}`,
      hint: error.hint,
    };
  }
  if (error instanceof ArgumentError) {
    return { code: 'LMN-3003', problem: error.message, hint: error.hint };
  }
  // Laminar's own functions throw nothing else.
  if (body === null) throw error;
  const thrown = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const line = error instanceof Error ? lineIn(name, error.stack ?? '') : null;
  return {
    code: 'LMN-3007',
    problem: `function ${name} failed${line === null ? '' : ` in line ${line} of its body`}: ${thrown}`,
    hint: 'NULL arguments are null; return null for a row without a result, or catch the error in the body',
  };
}

/** The line of a body that an error's stack names first; see `compileBody`. */
function lineIn(name: string, stack: string): string | null {
  const at = stack.indexOf(`function:${name}:`);
  return at < 0 ? null : (/^\d+/.exec(stack.slice(at + `function:${name}:`.length))?.[0] ?? null);
}
