// Writes the body of one WebAssembly function: instructions, locals, structured control, and the ways a value can go
// wrong.
//
// A value of an expression is on the WebAssembly stack; whether it is NULL is in an i32 local (1 is NULL), or known to
// be false. Instructions go to the body, or, inside `hoist`, to the prologue that runs once before the loop over rows.
//
// Invariants: a local taken with `local` is given back with `free` at most once; nothing is left on the stack by a
// block beyond its declared result.

import { CELL_STATUS, ERROR_OVERFLOW, STATUS_NULL } from '../../../kernels/layout.ts';
import { assert } from '../../base/assert.ts';
import type { Physical } from '../../data/type.ts';
import type { Signature } from './module-writer.ts';
import { BLOCK_EMPTY, LOADS, OPCODES, type Opcode, STORES, VALUE_TYPES, type ValueType } from './opcodes.ts';
import { WasmBytes } from './wasm-bytes.ts';

/** What a body needs of the module around it. */
export interface EmitterModule {
  importFunction(module: string, name: string, signature: Signature): number;
}

/** What happens where an expression has no value: the map stops at `site`, or (TRY_CAST) the value is NULL. */
export type FailureMode = { site: number } | 'null';

export class Emitter {
  readonly #module: EmitterModule;
  readonly #parameterCount: number;
  readonly #locals: ValueType[] = [];
  readonly #unused: Record<ValueType, number[]> = { i32: [], i64: [], f64: [] };
  readonly #prologue = new WasmBytes();
  readonly #body = new WasmBytes();
  #code: WasmBytes = this.#body;
  #depth = 0;
  /** Local with the rows written so far: what the function returns when it stops early. */
  #rowsLocal = -1;
  #failure: FailureMode = 'null';
  #nullLocal: number | null = null;

  constructor(module: EmitterModule, parameterCount: number) {
    this.#module = module;
    this.#parameterCount = parameterCount;
  }

  // Instructions.

  op(...codes: Opcode[]): this {
    for (const code of codes) this.#code.byte(OPCODES[code]);
    return this;
  }

  i32(value: number): this {
    this.#code.byte(0x41).s32(value);
    return this;
  }

  i64(value: bigint | number): this {
    this.#code.byte(0x42).s64(BigInt(value));
    return this;
  }

  f64(value: number): this {
    this.#code.byte(0x44).f64(value);
    return this;
  }

  /** Zero of a type. */
  zero(type: ValueType): this {
    return type === 'f64' ? this.f64(0) : type === 'i64' ? this.i64(0n) : this.i32(0);
  }

  get(local: number): this {
    this.#code.byte(0x20).u32(local);
    return this;
  }

  set(local: number): this {
    this.#code.byte(0x21).u32(local);
    return this;
  }

  tee(local: number): this {
    this.#code.byte(0x22).u32(local);
    return this;
  }

  global(index: number): this {
    this.#code.byte(0x23).u32(index);
    return this;
  }

  /** Loads from the address on the stack. */
  load(physical: Physical, offset = 0): this {
    return this.#access(LOADS[physical], offset);
  }

  /** Stores the value on the stack at the address below it. */
  store(physical: Physical, offset = 0): this {
    return this.#access(STORES[physical], offset);
  }

  /** Loads a value that need not be aligned. */
  loadUnaligned(physical: Physical, offset = 0): this {
    return this.#access([LOADS[physical][0], 0], offset);
  }

  #access([opcode, align]: readonly [number, number], offset: number): this {
    this.#code.byte(opcode).u32(align).u32(offset);
    return this;
  }

  /** Calls a kernel. */
  kernel(name: string, parameters: readonly ValueType[], result: ValueType | null): this {
    return this.#call('kernels', name, { parameters, result });
  }

  /** Calls a function of JavaScript's Math, which V8 turns into a direct call; all f64. */
  math(name: 'sin' | 'cos' | 'tan' | 'asin' | 'acos' | 'atan' | 'exp' | 'log' | 'log2' | 'log10' | 'cbrt'): this {
    return this.#call('math', name, { parameters: ['f64'], result: 'f64' });
  }

  math2(name: 'pow' | 'atan2'): this {
    return this.#call('math', name, { parameters: ['f64', 'f64'], result: 'f64' });
  }

  /** Calls a function in JavaScript; its result is in the memory's cells. */
  host(index: number, parameters: readonly ValueType[]): this {
    return this.#call('host', String(index), { parameters, result: null });
  }

  #call(module: string, name: string, signature: Signature): this {
    this.#code.byte(0x10).u32(this.#module.importFunction(module, name, signature));
    return this;
  }

  // Structured control. A label is the depth at which its block stands.

  block(result: ValueType | null = null): number {
    return this.#open(0x02, result);
  }

  loop(): number {
    return this.#open(0x03, null);
  }

  /** Takes an i32 from the stack. */
  if(result: ValueType | null = null): number {
    return this.#open(0x04, result);
  }

  #open(opcode: number, result: ValueType | null): number {
    this.#code.byte(opcode).byte(result === null ? BLOCK_EMPTY : VALUE_TYPES[result]);
    this.#depth += 1;
    return this.#depth;
  }

  else(): this {
    this.#code.byte(0x05);
    return this;
  }

  end(): this {
    this.#code.byte(0x0b);
    this.#depth -= 1;
    return this;
  }

  br(label: number): this {
    this.#code.byte(0x0c).u32(this.#depth - label);
    return this;
  }

  brIf(label: number): this {
    this.#code.byte(0x0d).u32(this.#depth - label);
    return this;
  }

  // Locals.

  /** A local whose content is undefined, the caller's until `free`. */
  local(type: ValueType): number {
    const unused = this.#unused[type].pop();
    if (unused !== undefined) return unused;
    this.#locals.push(type);
    return this.#parameterCount + this.#locals.length - 1;
  }

  free(...locals: (number | null)[]): this {
    for (const local of locals) {
      if (local === null) continue;
      const type = this.#locals[local - this.#parameterCount] as ValueType;
      assert(!this.#unused[type].includes(local), 'a local is given back once');
      this.#unused[type].push(local);
    }
    return this;
  }

  /** Moves the value on the stack to a local. */
  save(type: ValueType): number {
    const local = this.local(type);
    this.set(local);
    return local;
  }

  /** Computes a value once, before the loop over rows. @returns its local, never given back. */
  hoist(type: ValueType, emit: () => void): number {
    this.#locals.push(type);
    const local = this.#parameterCount + this.#locals.length - 1;
    const outer = this.#code;
    this.#code = this.#prologue;
    emit();
    this.set(local);
    this.#code = outer;
    return local;
  }

  // What has no value.

  /** Names the local that the function returns when it stops. */
  returnsRows(local: number): void {
    this.#rowsLocal = local;
  }

  /** Runs `emit` with the given way to fail and the local that takes NULL (for values that may turn out NULL). */
  within(failure: FailureMode, nullLocal: number | null, emit: () => void): void {
    const [failureBefore, nullBefore] = [this.#failure, this.#nullLocal];
    this.#failure = failure;
    this.#nullLocal = nullLocal;
    emit();
    this.#failure = failureBefore;
    this.#nullLocal = nullBefore;
  }

  /** Takes a condition; where it holds the expression fails with `code`, otherwise `otherwise` makes the value. */
  failIf(code: number, type: ValueType, otherwise: () => void): this {
    if (this.#failure === 'null') return this.nullIf(type, otherwise);
    this.if();
    this.i32(code).#stop();
    this.end();
    otherwise();
    return this;
  }

  /** As `failIf` with ERROR_OVERFLOW, for a value that is already in a local. */
  overflowIf(value: number, type: ValueType): this {
    return this.failIf(ERROR_OVERFLOW, type, () => this.get(value));
  }

  /** Takes a condition; where it holds the value is NULL, otherwise `otherwise` makes it. */
  nullIf(type: ValueType, otherwise: () => void): this {
    assert(this.#nullLocal !== null, 'a value that may be NULL has a local for it');
    this.if(type);
    this.i32(1).set(this.#nullLocal).zero(type);
    this.else();
    otherwise();
    return this.end();
  }

  /** After a kernel that sets CELL_STATUS: NULL and errors become the expression's. The value stays on the stack. */
  checkStatus(check: { mayBeNull: boolean; fails: boolean }): this {
    if (this.#failure === 'null' && check.fails) {
      assert(this.#nullLocal !== null, 'a value that may be NULL has a local for it');
      return this.i32(0).load('i32', CELL_STATUS).i32(0).op('i32.ne').set(this.#nullLocal);
    }
    if (check.mayBeNull) {
      assert(this.#nullLocal !== null, 'a value that may be NULL has a local for it');
      this.i32(0).load('i32', CELL_STATUS).i32(STATUS_NULL).op('i32.eq').set(this.#nullLocal);
    }
    if (check.fails) {
      this.i32(0).load('i32', CELL_STATUS).i32(STATUS_NULL).op('i32.gt_u').if();
      this.i32(0).load('i32', CELL_STATUS).#stop();
      this.end();
    }
    return this;
  }

  /** Takes an ERROR_* code, records it with the site, and returns the rows written so far. */
  #stop(): this {
    assert(this.#failure !== 'null', 'only an expression that may fail stops the map');
    this.i32(this.#failure.site).kernel('mapFail', ['i32', 'i32'], null);
    return this.get(this.#rowsLocal).op('return');
  }

  /** The function's locals and instructions, for the code section. */
  finish(): WasmBytes {
    assert(this.#depth === 0, 'every block has ended');
    const runs: { type: ValueType; count: number }[] = [];
    for (const type of this.#locals) {
      const last = runs.at(-1);
      if (last?.type === type) last.count += 1;
      else runs.push({ type, count: 1 });
    }
    const bytes = new WasmBytes().u32(runs.length);
    for (const { type, count } of runs) bytes.u32(count).byte(VALUE_TYPES[type]);
    return bytes.append(this.#prologue).append(this.#body).byte(0x0b);
  }
}
