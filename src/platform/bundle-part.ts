// Parts of the bundle: files that are loaded when they are asked for, with the code that V8 made of them when they were
// built (scripts/code-cache.cjs), so that nothing of what every run needs is compiled at its start.
//
//   NAME.cjs        module.exports = (function (exports, require, module, __filename, __dirname) {…}), where there is a
//                   `module`; in any case the value of the script is the function. ASCII.
//   NAME.cjs.code   for one version of Node; any other refuses it
//
// What imports a file or package that the bundler has put aside (scripts/bundle.mjs) calls loadPart instead; code run
// from source never does.

import fs from 'node:fs';
import { createRequire, enableCompileCache } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import sea from 'node:sea';
import vm from 'node:vm';

type Part = (exports: object, require: unknown, module: object, filename: string, dirname: string) => void;

/** Loads a part of the bundle or executable. @returns its exports. */
export function loadPart(name: string): unknown {
  // Absolute, as packages expect of their own; in a worker of the executable the bundle itself has no place.
  const folder = path.resolve(import.meta.dirname);
  const filename = path.join(folder, name);
  const source = readAsset(filename).toString('latin1');
  const script = new vm.Script(source, { filename, cachedData: readAsset(`${filename}.code`) });
  const isForeign = script.cachedDataRejected === true && !sea.isSea();
  const part = (isForeign ? compileForever(filename) : script.runInThisContext()) as Part;
  const module = { exports: {} };
  part(module.exports, process.getBuiltinModule, module, filename, folder);
  return module.exports;
}

/**
 * Compiles with another Node than the bundle was made for. What it makes is kept, in the user's own cache folder: Node's
 * default, a folder in /tmp, can be prepared by anyone.
 */
function compileForever(filename: string): unknown {
  try {
    const cache = process.env['XDG_CACHE_HOME'] || path.join(os.homedir(), '.cache');
    enableCompileCache(path.join(cache, 'laminar/compiled'));
  } catch {
    // A user without a home: slower to start, nothing else.
  }
  return createRequire(filename)(filename);
}

/** A file of the bundle; in the executable, without a copy. */
function readAsset(file: string): Buffer {
  return sea.isSea() ? Buffer.from(sea.getRawAsset(path.basename(file)) as ArrayBuffer) : fs.readFileSync(file);
}
