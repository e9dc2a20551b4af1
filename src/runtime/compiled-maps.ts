// Compiled maps at run time: making functions of a plan's code, and errors of what they report.

import {
  ERROR_ARGUMENT,
  ERROR_CAST,
  ERROR_HOST,
  ERROR_MEMORY,
  ERROR_OVERFLOW,
  READ_SLACK,
} from '../../kernels/layout.ts';
import { assert } from '../base/assert.ts';
import type { ErrorCode } from '../base/codes.ts';
import { LaminarError } from '../base/errors.ts';
import type { LinearMemory } from '../data/memory.ts';
import type { FailureSite } from '../plan/physical-plan.ts';
import type { Host, HostFailure } from './host/host.ts';

/**
 * Filter and projection of one map: reads the input batch, writes rows 0 … n − 1 of the output batch's columns, and
 * returns n; the caller stores the row count. Columns that are aliased are not touched. When an expression failed,
 * CELL_ERROR_CODE is not 0, CELL_ERROR_SITE names it, and the rows before it were written. Strings it makes are on the
 * transient stack.
 */
export type CompiledMap = (inputBatch: number, outputBatch: number) => number;

/** By the name of the map's export. */
export type CompiledMaps = Readonly<Record<string, CompiledMap | undefined>>;

/**
 * Instantiates a plan's code over a core's memory; the literals are copied there.
 * @param context.nowMicros the run's start: the value of `now()` for all rows.
 * @param context.host the functions in JavaScript, for code that calls any.
 */
export function instantiateMaps(
  code: Uint8Array,
  literals: Uint8Array,
  memory: LinearMemory,
  context: { nowMicros?: bigint; host?: Host | null } = {},
): CompiledMaps {
  const base = memory.allocate(literals.length + READ_SLACK);
  memory.u8.set(literals, base);
  const { nowMicros = BigInt(Date.now()) * 1000n, host = null } = context;
  const instance = new WebAssembly.Instance(new WebAssembly.Module(code as Uint8Array<ArrayBuffer>), {
    env: {
      memory: memory.memory,
      literals: new WebAssembly.Global({ value: 'i32', mutable: false }, base),
      now: new WebAssembly.Global({ value: 'i64', mutable: false }, nowMicros),
    },
    kernels: memory.kernels as unknown as WebAssembly.ModuleImports,
    math: Math as unknown as WebAssembly.ModuleImports,
    host: host?.imports ?? {},
  });
  return instance.exports as unknown as CompiledMaps;
}

const FAILURES: Readonly<Record<number, { code: ErrorCode; problem: string; hint: string }>> = {
  [ERROR_OVERFLOW]: {
    code: 'LMN-3001',
    problem: 'a result is out of range',
    hint: 'CAST to a wider type (BIGINT, DOUBLE) before computing, or use TRY_CAST to get NULL.',
  },
  [ERROR_CAST]: {
    code: 'LMN-3002',
    problem: 'a value cannot be converted',
    hint: 'TRY_CAST gives NULL for what does not convert.',
  },
  [ERROR_ARGUMENT]: {
    code: 'LMN-3003',
    problem: 'a function does not take this argument',
    hint: 'Leave such rows out in WHERE, or guard the call with CASE.',
  },
  [ERROR_MEMORY]: {
    code: 'LMN-3004',
    problem: 'a string is too long',
    hint: 'Strings made by an expression may have up to 256 MiB.',
  },
};

/** The error of a compiled map that reported `code` (ERROR_*) at a site; `host` is what a function in JavaScript met. */
export function describeFailure(
  code: number,
  site: FailureSite | undefined,
  host: HostFailure | null = null,
): LaminarError {
  const failure = code === ERROR_HOST ? host : FAILURES[code];
  assert(failure !== undefined && failure !== null, `${code} is an error of compiled code`);
  if (site === undefined) return new LaminarError(failure.code, failure.problem, { hint: failure.hint });
  return new LaminarError(failure.code, `${failure.problem}: ${site.text}`, {
    hint: failure.hint,
    at: { span: site.span },
  });
}
