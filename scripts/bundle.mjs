// Bundles the program: node scripts/bundle.mjs → build/bundle/
//
//   cli.cjs           what starts (src/main.ts): little more than --version, and the threads of a run
//   program.cjs       the verbs (src/program.ts)
//   start-core.cjs    what a core's thread starts with: it loads
//   core.cjs          the core (src/runtime/core-worker.ts)
//   start-log.cjs     the thread that writes the log of an input (src/runtime/log-worker.ts)
//   arrow.cjs         the package apache-arrow, wanted by few
//   parquet.cjs       what is used of the packages hyparquet and hyparquet-compressors, wanted by few
//   ink.cjs           the packages ink and react, wanted by `laminar top`
//   lmdb.cjs          the package lmdb, wanted by runs with a state directory
//   postgres.cjs      what the thread that speaks with a PostgreSQL server starts with, the package pg in it
//   *.cjs.code        what V8 made of the parts that are loaded by src/platform/bundle-part.ts
//   kernels.wasm      copied from build/generated
//   koffi.node        copied from its package, as is lmdb.node
//
// CommonJS, because a single executable application with a code cache takes nothing else; `await import()` inside
// becomes a lazy require, which keeps the start fast. Names stay as they are: crash traces are readable, and as no part is
// compiled at the start its size costs little. The folder appears by rename: a program that is running from the
// old one, or a build cut short, never meets half of a new one.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

const root = path.resolve(import.meta.dirname, '..');
const target = path.join(root, 'build/bundle');
const out = `${target}-${process.pid}`;
const system = `${process.platform}-${process.arch}`;
const assets = {
  'kernels.wasm': 'build/generated/kernels.wasm',
  'koffi.node': `node_modules/@koromix/koffi-${system}/${process.platform}_${process.arch}/koffi.node`,
  'lmdb.node': `node_modules/@lmdb/lmdb-${system}/node.napi.glibc.node`,
};

/** Replaces text wherever it stands in one file while it is bundled; fails when it is not there any more. */
function substitute(filter, text, replacement) {
  return {
    name: `substitute ${filter}`,
    setup(bundler) {
      bundler.onLoad({ filter }, ({ path: file }) => {
        const contents = fs.readFileSync(file, 'utf8');
        if (!contents.includes(text)) throw new Error(`${file} has changed: it does not contain ${text}`);
        return { contents: contents.replaceAll(text, () => replacement), loader: file.endsWith('.ts') ? 'ts' : 'js' };
      });
    },
  };
}

const native = JSON.stringify(path.join(root, 'src/platform/native.ts'));
const parts = JSON.stringify(path.join(root, 'src/platform/bundle-part.ts'));

/** Leaves imports out of the bundle: packages, or a file of ours named by its path; they load the part instead, once. */
function separate(filter, part) {
  return {
    name: `${part} is separate`,
    setup(bundler) {
      bundler.onResolve({ filter }, () => ({ path: part, namespace: part }));
      bundler.onLoad({ filter: /.*/, namespace: part }, () => ({
        contents: `module.exports = require(${parts}).loadPart('${part}');`,
        resolveDir: root,
      }));
    },
  };
}

/** Modules of Node that take milliseconds to load, and that few runs use: they load when one of their exports is read. */
const lazyModules = [
  'child_process',
  'crypto',
  'fs/promises',
  'module',
  'os',
  'perf_hooks',
  'readline',
  'tty',
  'url',
  'zlib',
];
const lazily = {
  name: 'modules of Node that are loaded when used',
  setup(bundler) {
    bundler.onResolve({ filter: new RegExp(`^(node:)?(${lazyModules.join('|')})$`) }, ({ path: name, namespace }) =>
      namespace === 'lazy' ? { path: name, external: true } : { path: name.replace(/^node:/, ''), namespace: 'lazy' },
    );
    bundler.onLoad({ filter: /.*/, namespace: 'lazy' }, ({ path: name }) => {
      const exported = Object.keys(process.getBuiltinModule(name)).map(
        (key) => `get ${key}() { return load().${key}; }`,
      );
      return { contents: `const load = () => require('node:${name}');\nmodule.exports = { ${exported.join(', ')} };` };
    });
  },
};

/** Packages that oclif loads at every start, and that a program whose verbs it is handed never uses: the same with them. */
const lazyPackages = ['tinyglobby', 'minimatch', 'lilconfig', 'cli-spinners'];
const packagesLazily = {
  name: 'packages of oclif that are loaded when used',
  setup(bundler) {
    const names = new RegExp(`^(${lazyPackages.join('|')})$`);
    bundler.onResolve({ filter: names }, ({ path: name, namespace, resolveDir }) =>
      namespace === 'lazy-package' ? undefined : { path: name, namespace: 'lazy-package', pluginData: resolveDir },
    );
    bundler.onLoad({ filter: /.*/, namespace: 'lazy-package' }, ({ path: name, pluginData: resolveDir }) => ({
      // None of them is used by its default export, nor asked for anything when it is imported but whether it has one.
      contents: `const get = (_, key) => (key === '__esModule' ? undefined : require('${name}')[key]);
module.exports = new Proxy({}, { get });`,
      resolveDir,
    }));
  },
};

const plugins = [
  lazily,
  packagesLazily,
  separate(/^\.\/program\.ts$/, 'program.cjs'),
  separate(/^apache-arrow$/, 'arrow.cjs'),
  separate(/^\.\/parquet-library\.ts$/, 'parquet.cjs'),
  separate(/^(?:ink|react)$/, 'ink.cjs'),
  separate(/^lmdb$/, 'lmdb.cjs'),
  // `require` must be the bundler's own.
  substitute(/src[\\/]platform[\\/]koffi\.ts$/, 'const require = createRequire(import.meta.url);', ''),
  substitute(/require-host\.ts$/, 'const require = createRequire(import.meta.url);', ''),
  // koffi looks for its native part in node_modules: give it ours.
  substitute(
    /koffi[\\/]src[\\/]koffi[\\/]indirect\.cjs$/,
    'loadDynamic2(__dirname, pkg, triplets)',
    `require(${native}).loadNative('koffi.node')`,
  ),
];

/** lmdb and msgpackr look for their native parts in node_modules: lmdb is given ours, msgpackr does without. */
const lmdbNatives = {
  name: 'natives of lmdb',
  setup(bundler) {
    bundler.onResolve({ filter: /^node-gyp-build-optional-packages$/ }, ({ importer }) => ({
      path: importer.includes('msgpackr') ? 'none' : 'lmdb.node',
      namespace: 'native',
    }));
    bundler.onLoad({ filter: /.*/, namespace: 'native' }, ({ path: name }) => ({
      contents:
        name === 'none'
          ? "module.exports = () => { throw new Error('not there'); };"
          : `module.exports = () => require(${native}).loadNative('${name}');`,
      resolveDir: root,
    }));
  },
};

const yogaBinary = 'node_modules/yoga-layout/dist/binaries/yoga-wasm-base64-esm.js';

// CommonJS cannot wait at the top level, which two modules of Ink do.
const inkPlugins = [
  // Ink waits for developer tools that nobody has here.
  substitute(/ink[\\/]build[\\/]reconciler\.js$/, "process.env['DEV'] === 'true'", 'false'),
  substitute(/ink[\\/]build[\\/]ink\.js$/, "process.env['DEV'] === 'true'", 'false'),
  // Yoga, which computes layouts, waits for its WebAssembly: give it an instance made on the spot.
  substitute(
    /yoga-layout[\\/]dist[\\/]src[\\/]index\.js$/,
    'const Yoga = wrapAssembly(await loadYoga());',
    `const library = {
       instantiateWasm(imports, done) {
         const bytes = Buffer.from(${JSON.stringify(yogaWasm())}, 'base64');
         const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports);
         done(instance);
         return instance.exports;
       },
     };
     loadYoga(library);
     const Yoga = wrapAssembly(library);`,
  ),
  substitute(/yoga-wasm-base64-esm\.js$/, yogaWasm(), ''),
];

/** The WebAssembly of Yoga in base64, out of the text of its module. */
function yogaWasm() {
  const text = fs.readFileSync(path.join(root, yogaBinary), 'utf8');
  const found = /data:application\/octet-stream;base64,([A-Za-z0-9+/=]+)/.exec(text);
  if (found === null) throw new Error(`${yogaBinary} has changed: it holds no WebAssembly in base64`);
  return found[1];
}

function sha256(file) {
  return createHash('sha256')
    .update(fs.readFileSync(path.join(root, file)))
    .digest('hex');
}

const common = {
  outdir: out,
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  mainFields: ['module', 'main'],
  conditions: ['node', 'import'],
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
};

const natives = {
  __NATIVE_SHA256__: JSON.stringify({
    'koffi.node': sha256(assets['koffi.node']),
    'lmdb.node': sha256(assets['lmdb.node']),
  }),
};

const program = {
  ...common,
  alias: { koffi: path.join(root, 'node_modules/koffi/src/koffi/indirect.cjs') },
  define: {
    __LAMINAR_BUNDLE__: 'true',
    ...natives,
    'import.meta.dirname': '__dirname',
    'import.meta.url': '__filename',
    'process.env.NODE_ENV': '"production"',
  },
  plugins,
};
/** The form that loadPart takes. */
const part = {
  banner: {
    js: '(typeof module === "object" ? module : {}).exports = (function (exports, require, module, __filename, __dirname) {',
  },
  footer: { js: '});' },
};

fs.rmSync(out, { recursive: true, force: true });
try {
  const results = await Promise.all([
    build({
      ...program,
      entryPoints: {
        cli: path.join(root, 'src/main.ts'),
        'start-core': path.join(root, 'src/platform/bundle-core.ts'),
        'start-log': path.join(root, 'src/runtime/log-worker.ts'),
      },
    }),
    build({
      ...program,
      entryPoints: { postgres: path.join(root, 'src/connectors/postgres/postgres-thread.ts') },
      // Its packages require each other, and are to get what is for that.
      conditions: ['node'],
      // What the driver would use if it were there: its native half, and sockets of another platform.
      external: ['pg-native', 'cloudflare:sockets'],
    }),
    build({
      ...program,
      ...part,
      entryPoints: { program: path.join(root, 'src/program.ts'), core: path.join(root, 'src/runtime/core-worker.ts') },
    }),
    build({
      ...common,
      ...part,
      stdin: { contents: "export * from 'apache-arrow';", resolveDir: root, sourcefile: 'arrow.js' },
      entryNames: 'arrow',
    }),
    build({ ...common, ...part, entryPoints: { parquet: path.join(root, 'src/formats/parquet-library.ts') } }),
    build({
      ...common,
      ...part,
      stdin: { contents: "export * from 'ink'; export * from 'react';", resolveDir: root, sourcefile: 'ink.js' },
      entryNames: 'ink',
      // Files that Ink reads beside itself are for its developers.
      define: { 'process.env.NODE_ENV': '"production"', 'import.meta.url': '__filename' },
      external: ['react-devtools-core'],
      plugins: inkPlugins,
    }),
    build({
      ...common,
      ...part,
      stdin: { contents: "export { open } from 'lmdb';", resolveDir: root, sourcefile: 'lmdb.js' },
      entryNames: 'lmdb',
      // What it cannot write it prints too, with a stack, beside the error that we are given and tell of.
      drop: ['console'],
      // It makes a path of the URL of its module.
      banner: { js: `${part.banner.js} const __url = require('node:url').pathToFileURL(__filename).href;` },
      define: { ...natives, 'import.meta.dirname': '__dirname', 'import.meta.url': '__url' },
      plugins: [lmdbNatives],
    }),
  ]);
  for (const [name, file] of Object.entries(assets)) fs.copyFileSync(path.join(root, file), path.join(out, name));
  fs.writeFileSync(path.join(out, 'package.json'), '{ "type": "commonjs" }\n');
  execFileSync(process.execPath, [path.join(root, 'scripts/code-cache.cjs'), out], { stdio: 'inherit' });
  const contents = results.map((result) => result.metafile);
  fs.writeFileSync(path.join(root, 'build/bundle-contents.json'), JSON.stringify(contents));
  fs.rmSync(target, { recursive: true, force: true });
  fs.renameSync(out, target);
} finally {
  fs.rmSync(out, { recursive: true, force: true });
}
