// Keeps what V8 makes of the bundle's parts while they run a pipeline: node scripts/code-cache.cjs FOLDER
//
//   FOLDER/NAME.cjs → FOLDER/NAME.cjs.code    for every part that src/platform/bundle-part.ts loads
//   FOLDER/kernels.wasm → FOLDER/kernels.wasm.code    for src/platform/kernel-code.ts: the kernels that common
//                                                      queries call, since loading code takes time too
//
// V8 compiles a function when it is first called; what it has compiled by the end of a run is kept, which is what the
// next run needs. It watches from outside: this process is the program's, with `vm.Script` and `Worker` replaced by ones
// that remember. Threads do different things: each pass begins with what the one before has kept and keeps what one more
// thread has compiled. Run by the Node that the bundle is for, without any flag of V8: both belong to the code's identity.
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const vm = require('node:vm');
const v8 = require('node:v8');
const threads = require('node:worker_threads');

const warmUp = (input) => `
CREATE SOURCE trades (symbol VARCHAR NOT NULL, price DOUBLE, volume BIGINT, ts TIMESTAMP,
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND) FROM ${input};
CREATE SINK bars AS
SELECT symbol, window_start, COUNT(*) AS trades, SUM(price * volume) / SUM(volume) AS vwap, MAX(price) AS high
FROM trades WHERE volume > 0 GROUP BY symbol, TUMBLE(ts, INTERVAL '1' MINUTE)
INTO STDOUT (format = 'json');
CREATE SINK large AS SELECT symbol, price * 2 AS double_price, ts FROM trades WHERE symbol LIKE 'S%' AND volume > 10
INTO FILE (path = '/dev/null', format = 'csv');
CREATE SINK whole AS SELECT symbol, price, ts FROM trades INTO FILE (path = '/dev/null', format = 'arrow');
`;
/** The same with one reader of the source, whose maps other cores run. */
const warmUpOfMany = (input) => `${warmUp(input).split('CREATE SINK large')[0]}`;
/** What many queries do: its kernels are kept as optimised code. */
const warmUpKernels = (json, csv) => `
CREATE SOURCE trades (symbol VARCHAR NOT NULL, price DOUBLE, volume BIGINT, ts TIMESTAMP,
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND) FROM ${json};
CREATE SOURCE quotes (symbol VARCHAR NOT NULL, price DOUBLE, volume BIGINT, ts TIMESTAMP,
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND) FROM ${csv};
CREATE STREAM bars AS
SELECT symbol, window_start, window_end, COUNT(*) AS trades, SUM(volume) AS volume, MIN(price) AS low, MAX(price) AS high,
  SUM(price * volume) / SUM(volume) AS vwap, AVG(price) AS mean, FIRST_VALUE(price) AS open, LAST_VALUE(price) AS close
FROM trades WHERE volume > 0 GROUP BY symbol, TUMBLE(ts, INTERVAL '1' MINUTE);
CREATE SINK bars_json FROM bars INTO FILE (path = '/dev/null', format = 'json');
CREATE SINK bars_csv FROM bars INTO FILE (path = '/dev/null', format = 'csv');
CREATE SINK hops AS SELECT symbol, window_start, COUNT(*) AS trades, AVG(price) AS mean
FROM trades GROUP BY symbol, HOP(ts, INTERVAL '1' MINUTE, INTERVAL '5' MINUTE) INTO FILE (path = '/dev/null', format = 'json');
CREATE SINK totals AS SELECT symbol, COUNT(*) AS trades, COUNT(DISTINCT volume) AS volumes, SUM(price) AS total
FROM quotes GROUP BY symbol INTO FILE (path = '/dev/null', format = 'json');
CREATE SINK large AS SELECT symbol, price * 2 AS double_price, ts FROM trades WHERE symbol LIKE 'S%' AND volume > 10
INTO FILE (path = '/dev/null', format = 'json');
CREATE SINK joined AS SELECT t.symbol, t.price, q.price AS quoted FROM trades t
JOIN quotes q ON t.symbol = q.symbol AND q.ts BETWEEN t.ts - INTERVAL '1' SECOND AND t.ts
INTO FILE (path = '/dev/null', format = 'json');
`;
const ROWS = 100;
/** Some megabytes: enough for every core to take its part. */
const ROWS_OF_MANY = 50_000;
/** Longest wait for a thread to keep its code, ms. */
const KEEP_MILLIS = 10_000;

async function main(folder) {
  for (const name of fs.readdirSync(folder))
    if (name.endsWith('.cjs')) fs.writeFileSync(path.join(folder, `${name}.code`), '');
  const input = path.join(folder, 'warm-up.ndjson');
  fs.writeFileSync(input, rows(ROWS_OF_MANY));
  watch(folder, { cores: 1, thread: 0, pipeline: warmUp("STDIN (format = 'json')") });
  for (const thread of [0, 1]) {
    watch(folder, { cores: 2, thread, pipeline: warmUpOfMany(`FILE (path = '${input}', format = 'json')`) });
  }
  const csv = path.join(folder, 'warm-up.csv');
  fs.writeFileSync(csv, csvOf(rows(ROWS)));
  const [first, second] = [`FILE (path = '${input}', format = 'json')`, `FILE (path = '${csv}', format = 'csv')`];
  watch(folder, { cores: 2, thread: null, pipeline: warmUpKernels(first, second) });
  fs.rmSync(input);
  fs.rmSync(csv);
  keepInk(path.join(folder, 'ink.cjs'));
  keepParquet(path.join(folder, 'parquet.cjs'));
  await keepLmdb(path.join(folder, 'lmdb.cjs'));
  // What is loaded in other ways has none.
  for (const name of ['cli', 'start-core', 'start-log', 'postgres']) fs.rmSync(path.join(folder, `${name}.cjs.code`));
  for (const name of fs.readdirSync(folder)) {
    if (fs.statSync(path.join(folder, name)).size === 0)
      throw new Error(`${name}: the warm-up does not load this part`);
  }
}

function rows(count) {
  const lines = Array.from({ length: count }, (_, n) =>
    JSON.stringify({ symbol: `S${n % 7}`, price: 100 + n / 8, volume: n, ts: 1_700_000_000_000 + n * 5000 }),
  );
  return `${lines.join('\n')}\n`;
}

function csvOf(text) {
  const records = text
    .trim()
    .split('\n')
    .map((line) => Object.values(JSON.parse(line)).join(','));
  return `symbol,price,volume,ts\n${records.join('\n')}\n`;
}

/** Runs a pipeline, and keeps what its main thread and one of its cores have compiled; with no core, the kernels. */
function watch(folder, run) {
  const command = [__filename, folder, 'watch', JSON.stringify(run)];
  execFileSync(process.execPath, command, { input: rows(ROWS), stdio: ['pipe', 'ignore', 'inherit'] });
}

/** V8 hands out only what its optimising compiler made: that is to compile what is called, at once. */
function keepKernels(filename) {
  v8.setFlagsFromString('--no-liftoff');
  const { Module } = WebAssembly;
  let kernels = null;
  WebAssembly.Module = class extends Module {
    constructor(bytes) {
      super(bytes);
      kernels = this;
    }
  };
  process.on('exit', () => {
    v8.setFlagsFromString('--liftoff');
    v8.setFlagsFromString('--allow-natives-syntax');
    const serialize = new Function('module', 'return %SerializeWasmModule(module)');
    v8.setFlagsFromString('--no-allow-natives-syntax');
    fs.writeFileSync(`${filename}.code`, new Uint8Array(serialize(kernels)));
  });
}

/** Writes beside every part what was compiled of it in this thread. */
function keep(scripts) {
  for (const [file, script] of scripts) fs.writeFileSync(`${file}.code`, script.createCachedData());
}

/** Ink, which no run loads, draws for nobody. */
function keepInk(filename) {
  const { script, exports } = loadPart(filename);
  const { Box, createElement, renderToString, Text } = exports;
  renderToString(createElement(Box, null, createElement(Text, { wrap: 'truncate' }, 'warm')));
  keep([[filename, script]]);
}

/** Of what reads Parquet, what runs when it is loaded. */
function keepParquet(filename) {
  keep([[filename, loadPart(filename).script]]);
}

/** LMDB keeps something in a folder that nobody keeps. */
async function keepLmdb(filename) {
  const { script, exports } = loadPart(filename);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'laminar-build-'));
  try {
    const database = exports.open({ path: path.join(folder, 'data'), encoding: 'binary' });
    await database.transaction(() => database.putSync('key', Buffer.from('value')));
    if (database.getBinary('key').toString() !== 'value') throw new Error('lmdb does not keep what it is given');
    await database.close();
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
  keep([[filename, script]]);
}

function loadPart(filename) {
  const script = new vm.Script(fs.readFileSync(filename, 'latin1'), { filename });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, process.getBuiltinModule, module, filename, path.dirname(filename));
  return { script, exports: module.exports };
}

/** Replaces `vm.Script` by one that remembers which files were compiled. */
function watchScripts() {
  const scripts = new Map();
  vm.Script = class extends vm.Script {
    constructor(source, options) {
      const cachedData = options.cachedData?.length > 0 ? { cachedData: options.cachedData } : {};
      super(source, { filename: options.filename, ...cachedData });
      scripts.set(options.filename, this);
    }
  };
  return scripts;
}

function runProgram(folder, { cores, thread, pipeline }) {
  process.argv = [process.execPath, path.join(folder, 'cli.cjs'), 'run', '-q', '--cores', `${cores}`, '-e', pipeline];
  // Flags belong to the code's identity: what the program sets when it has loaded all is not set here.
  const { setFlagsFromString } = v8;
  v8.setFlagsFromString = (flag) => (/natives-syntax|liftoff/.test(flag) ? setFlagsFromString(flag) : undefined);
  if (thread === null) keepKernels(path.join(folder, 'kernels.wasm'));
  else keepParts(thread);
  require(path.join(folder, 'cli.cjs'));
}

function keepParts(thread) {
  const scripts = watchScripts();
  const hasKept = new Int32Array(new SharedArrayBuffer(4));
  let count = 0;
  threads.Worker = class extends threads.Worker {
    constructor(file, options) {
      super(__filename, { ...options, workerData: { file, hasKept: count++ === thread ? hasKept : null } });
    }
  };
  process.on('exit', () => {
    keep(scripts);
    if (Atomics.wait(hasKept, 0, 0, KEEP_MILLIS) === 'timed-out') throw new Error(`core ${thread} did not end`);
  });
}

function runCore() {
  const scripts = watchScripts();
  const { parentPort, workerData } = threads;
  const { file, hasKept } = workerData;
  const post = parentPort.postMessage.bind(parentPort);
  parentPort.postMessage = (report) => {
    if (report.kind === 'done' && hasKept !== null) {
      keep(scripts);
      Atomics.store(hasKept, 0, 1);
      Atomics.notify(hasKept, 0);
    }
    post(report);
  };
  require(file);
}

if (!threads.isMainThread) runCore();
else if (process.argv[3] === 'watch') runProgram(process.argv[2], JSON.parse(process.argv[4]));
else main(process.argv[2]);
