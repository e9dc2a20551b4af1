#!/usr/bin/env node
// What npm installs as `laminar`: hands over to the bundle.
if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(`laminar: Node 24 or newer is needed, and this is ${process.version}\n`);
  process.exit(1);
}
await import('../build/bundle/cli.cjs');
