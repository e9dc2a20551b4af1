// Parts of the bundle that are loaded only when they are asked for. What imports a package that the bundler has put
// aside (scripts/bundle.mjs) calls this instead; code run from source never does.

import { createRequire } from 'node:module';
import path from 'node:path';
import sea from 'node:sea';
import vm from 'node:vm';

/** Loads a CommonJS file of the bundle or executable. @returns its exports. */
export function loadPart(name: string): unknown {
  const file = path.join(import.meta.dirname, name);
  if (!sea.isSea()) return createRequire(file)(file);
  const parts = ['exports', 'require', 'module', '__filename'];
  const load = vm.compileFunction(sea.getAsset(name, 'utf8'), parts, { filename: name });
  const module = { exports: {} };
  load(module.exports, process.getBuiltinModule, module, file);
  return module.exports;
}
