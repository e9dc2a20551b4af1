// Puts a WebAssembly module together: types, imports, functions and exports, in the binary format.
//
// Functions of the module are not called from within it, so a call's index is always an import's index and calls can be
// written before all imports are known.

import { assert } from '../../base/assert.ts';
import { VALUE_TYPES, type ValueType } from './opcodes.ts';
import { WasmBytes } from './wasm-bytes.ts';

export interface Signature {
  parameters: readonly ValueType[];
  result: ValueType | null;
}

interface FunctionImport {
  module: string;
  name: string;
  type: number;
}

const SECTION_TYPE = 1;
const SECTION_IMPORT = 2;
const SECTION_FUNCTION = 3;
const SECTION_EXPORT = 7;
const SECTION_CODE = 10;

const KIND_FUNCTION = 0;
const KIND_MEMORY = 2;
const KIND_GLOBAL = 3;

/** Index of the imported global with the address of the string literals. */
export const GLOBAL_LITERALS = 0;
/** Index of the imported global with the time of the run's start in µs. */
export const GLOBAL_NOW = 1;

export class ModuleWriter {
  readonly #types = new Map<string, number>();
  readonly #typeBytes: WasmBytes[] = [];
  readonly #imports = new Map<string, FunctionImport & { index: number }>();
  readonly #functions: { name: string; type: number; body: WasmBytes }[] = [];

  /** Index of an imported function, for calls. */
  importFunction(module: string, name: string, signature: Signature): number {
    const type = this.#typeOf(signature);
    const key = `${module}.${name}`;
    const known = this.#imports.get(key);
    if (known !== undefined) {
      assert(known.type === type, `${key} is imported with one signature`);
      return known.index;
    }
    const index = this.#imports.size;
    this.#imports.set(key, { module, name, type, index });
    return index;
  }

  /** Adds an exported function; `body` holds its locals and instructions. */
  exportFunction(name: string, signature: Signature, body: WasmBytes): void {
    this.#functions.push({ name, type: this.#typeOf(signature), body });
  }

  finish(): Uint8Array {
    const module = new WasmBytes();
    for (const byte of [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]) module.byte(byte);
    section(module, SECTION_TYPE, this.#typeBytes);
    section(module, SECTION_IMPORT, this.#importEntries());
    section(
      module,
      SECTION_FUNCTION,
      this.#functions.map((f) => new WasmBytes().u32(f.type)),
    );
    const firstFunction = this.#imports.size;
    section(
      module,
      SECTION_EXPORT,
      this.#functions.map((f, i) =>
        new WasmBytes()
          .name(f.name)
          .byte(KIND_FUNCTION)
          .u32(firstFunction + i),
      ),
    );
    section(
      module,
      SECTION_CODE,
      this.#functions.map((f) => new WasmBytes().sized(f.body)),
    );
    return Uint8Array.from(module.bytes);
  }

  #typeOf(signature: Signature): number {
    const key = `${signature.parameters.join()}:${signature.result}`;
    const known = this.#types.get(key);
    if (known !== undefined) return known;
    const bytes = new WasmBytes().byte(0x60).u32(signature.parameters.length);
    for (const parameter of signature.parameters) bytes.byte(VALUE_TYPES[parameter]);
    if (signature.result === null) bytes.u32(0);
    else bytes.u32(1).byte(VALUE_TYPES[signature.result]);
    const index = this.#types.size;
    this.#types.set(key, index);
    this.#typeBytes.push(bytes);
    return index;
  }

  #importEntries(): WasmBytes[] {
    const functions = [...this.#imports.values()].map((f) =>
      new WasmBytes().name(f.module).name(f.name).byte(KIND_FUNCTION).u32(f.type),
    );
    const memory = new WasmBytes().name('env').name('memory').byte(KIND_MEMORY).byte(0).u32(0);
    const literals = new WasmBytes().name('env').name('literals').byte(KIND_GLOBAL).byte(VALUE_TYPES.i32).byte(0);
    const now = new WasmBytes().name('env').name('now').byte(KIND_GLOBAL).byte(VALUE_TYPES.i64).byte(0);
    return [...functions, memory, literals, now];
  }
}

function section(module: WasmBytes, id: number, entries: readonly WasmBytes[]): void {
  const content = new WasmBytes().u32(entries.length);
  for (const entry of entries) content.append(entry);
  module.byte(id).sized(content);
}
