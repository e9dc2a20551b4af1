// Compiles the maps of a plan to one WebAssembly module.
//
//   imports  env.memory, env.literals (i32 global: address of the literals), env.now (i64 global: µs),
//            kernels.* (functions of kernels.wasm), math.* (functions of JavaScript's Math),
//            host.0, host.1, … (functions in JavaScript, see host-code.ts)
//   exports  one function per map, `map0`, `map1`, …; see map-code.ts
//
// The module is written by a small emitter of our own: compiling takes well under a millisecond for usual plans, where
// a general toolkit costs hundreds to start.

import type { HostFunction } from '../../plan/host-function.ts';
import type { FailureSite } from '../../plan/physical-plan.ts';
import { HostImports } from './host-code.ts';
import { LiteralPool } from './literal-pool.ts';
import { compileMap, isAliased, type MapColumn, type MapFunction } from './map-code.ts';
import { ModuleWriter } from './module-writer.ts';

export { isAliased, type MapColumn, type MapFunction };

export interface CompiledModule {
  code: Uint8Array;
  /** The bytes of all string literals. */
  literals: Uint8Array;
  /** Expressions that can fail, by the index that compiled code reports. */
  sites: FailureSite[];
  /** Functions in JavaScript, by the number of their import. */
  hostFunctions: HostFunction[];
  /** Export of each map, in the order given. */
  functions: string[];
}

export function generateModule(maps: readonly MapFunction[]): CompiledModule {
  const writer = new ModuleWriter();
  const literals = new LiteralPool();
  const hosts = new HostImports();
  const sites: FailureSite[] = [];
  const functions = maps.map((map, index) => {
    const name = `map${index}`;
    compileMap({ writer, literals, hosts, sites }, name, map);
    return name;
  });
  return { code: writer.finish(), literals: literals.finish(), hostFunctions: hosts.functions, sites, functions };
}
