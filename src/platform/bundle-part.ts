// Parts of the bundle: CommonJS files that are loaded when they are asked for, with the code that V8 made of them when
// they were built (scripts/code-cache.cjs), so that nothing of what every run needs is compiled at its start.
//
// A part is a function in parentheses, `(function (exports, require, module, __filename, __dirname) {…})`, in ASCII.
// Its code belongs to one version of Node: another one refuses it and compiles as it goes. What imports a file or
// package that the bundler has put aside (scripts/bundle.mjs) calls loadPart instead; code run from source never does.

import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import sea from 'node:sea';
import vm from 'node:vm';

type Part = (exports: object, require: unknown, module: object, filename: string, dirname: string) => void;

/** Loads a part of the bundle or executable. @returns its exports. */
export function loadPart(name: string): unknown {
  const folder = import.meta.dirname;
  const filename = path.join(folder, name);
  const source = readAsset(filename).latin1Slice();
  const script = new vm.Script(source, { filename, cachedData: readAsset(`${filename}.code`) });
  const module = { exports: {} };
  const require = sea.isSea() ? process.getBuiltinModule : createRequire(filename);
  (script.runInThisContext() as Part)(module.exports, require, module, filename, folder);
  return module.exports;
}

/** A file of the bundle; in the executable, without a copy. */
function readAsset(file: string): Buffer {
  return sea.isSea() ? Buffer.from(sea.getRawAsset(path.basename(file)) as ArrayBuffer) : fs.readFileSync(file);
}
