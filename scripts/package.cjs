// Makes the single executable: node scripts/package.cjs [OUTPUT]  (build/laminar)
//
// Node's own single executable application: the bundle's cli.cjs with a V8 code cache, everything else of the bundle
// as assets. Made by @yao-pkg/pkg through its internal entry, because its command line cannot be told which Node to
// use and would download one; hence pkg is pinned exactly. The Node inside is the one that npm installed.
const fs = require('node:fs');
const path = require('node:path');
const { default: makeExecutable } = require('@yao-pkg/pkg/lib-es5/sea.js');

const root = path.resolve(__dirname, '..');
const bundle = path.join(root, 'build/bundle');
const output = path.resolve(process.argv[2] ?? path.join(root, 'build/laminar'));
const node = path.join(root, `node_modules/node-${process.platform}-${process.arch}/bin/node`);
const entry = 'cli.cjs';
const assets = fs.readdirSync(bundle).filter((file) => file !== entry && file !== 'package.json');

async function main() {
  // The code cache belongs to one version: the Node that makes it must be the Node inside.
  if (fs.realpathSync(process.execPath) !== fs.realpathSync(node)) throw new Error(`run this with ${node}`);
  const unfinished = `${output}-${process.pid}`;
  try {
    await makeExecutable(path.join(bundle, entry), {
      nodePath: node,
      targets: [
        { nodeRange: `node${process.versions.node}`, platform: 'linux', arch: process.arch, output: unfinished },
      ],
      signature: false,
      seaConfig: {
        disableExperimentalSEAWarning: true,
        useSnapshot: false,
        useCodeCache: true,
        execArgv: ['--disable-warning=ExperimentalWarning'],
        // The user's NODE_OPTIONS are meant for other programs.
        execArgvExtension: 'none',
        assets: Object.fromEntries(assets.map((file) => [file, path.join(bundle, file)])),
      },
    });
    fs.chmodSync(unfinished, 0o755);
    fs.renameSync(unfinished, output);
  } finally {
    fs.rmSync(unfinished, { force: true });
  }
  console.log(`${output}: ${(fs.statSync(output).size / 2 ** 20).toFixed(1)} MB`);
}

main();
