#!/usr/bin/env node
// What npm installs as `laminar`: hands over to the bundle. V8's compile cache makes it start twice as fast; it lives in
// the user's own cache folder, because Node's default, a folder in /tmp, can be prepared by anyone.
import module from 'node:module';
import os from 'node:os';
import path from 'node:path';

if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(`laminar: Node 24 or newer is needed, and this is ${process.version}\n`);
  process.exit(1);
}
try {
  const cache = process.env['XDG_CACHE_HOME'] || path.join(os.homedir(), '.cache');
  module.enableCompileCache(path.join(cache, 'laminar/compiled'));
} catch {
  // A user without a home: slower to start, nothing else.
}
module.createRequire(import.meta.url)('../build/bundle/cli.cjs');
