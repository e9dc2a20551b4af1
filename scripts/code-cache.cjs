// Keeps what V8 makes of the bundle's parts while they run a pipeline: node scripts/code-cache.cjs FOLDER
//
//   FOLDER/NAME.cjs → FOLDER/NAME.cjs.code    for every part that src/platform/bundle-part.ts loads
//
// V8 compiles a function when it is first called; what it has compiled by the end of a run is kept, which is what the
// next run needs. It watches from outside: this process is the program's, with `vm.Script` and `Worker` replaced by ones
// that remember. Run by the Node that the bundle is for, without any flag of V8: both belong to the code's identity.
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const vm = require('node:vm');
const threads = require('node:worker_threads');

const WARM_UP = `
CREATE SOURCE trades (symbol VARCHAR NOT NULL, price DOUBLE, volume BIGINT, ts TIMESTAMP,
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND) FROM STDIN (format = 'json');
CREATE SINK bars AS
SELECT symbol, window_start, COUNT(*) AS trades, SUM(price * volume) / SUM(volume) AS vwap, MAX(price) AS high
FROM trades WHERE volume > 0 GROUP BY symbol, TUMBLE(ts, INTERVAL '1' MINUTE)
INTO STDOUT (format = 'json');
CREATE SINK large AS SELECT symbol, price * 2 AS double_price, ts FROM trades WHERE symbol LIKE 'S%' AND volume > 10
INTO FILE (path = '/dev/null', format = 'csv');
CREATE SINK whole AS SELECT symbol, price, ts FROM trades INTO FILE (path = '/dev/null', format = 'arrow');
`;
const ROWS = 100;

async function main(folder) {
  for (const name of fs.readdirSync(folder))
    if (name.endsWith('.cjs')) fs.writeFileSync(path.join(folder, `${name}.code`), '');
  const rows = Array.from({ length: ROWS }, (_, n) =>
    JSON.stringify({ symbol: `S${n % 7}`, price: 100 + n / 8, volume: n, ts: 1_700_000_000_000 + n * 5000 }),
  );
  const command = [__filename, folder, 'watch'];
  execFileSync(process.execPath, command, { input: `${rows.join('\n')}\n`, stdio: ['pipe', 'ignore', 'inherit'] });
  keepInk(path.join(folder, 'ink.cjs'));
  await keepLmdb(path.join(folder, 'lmdb.cjs'));
  // What is loaded in other ways has none.
  for (const name of ['cli', 'start-core']) fs.rmSync(path.join(folder, `${name}.cjs.code`));
  for (const name of fs.readdirSync(folder)) {
    if (fs.statSync(path.join(folder, name)).size === 0)
      throw new Error(`${name}: the warm-up does not load this part`);
  }
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
      super(source, { filename: options.filename });
      scripts.set(options.filename, this);
    }
  };
  return scripts;
}

function runProgram(folder) {
  const scripts = watchScripts();
  threads.Worker = class extends threads.Worker {
    constructor(file, options) {
      super(__filename, { ...options, workerData: file });
    }
  };
  process.on('exit', () => keep(scripts));
  process.argv = [process.execPath, path.join(folder, 'cli.cjs'), 'run', '-q', '-e', WARM_UP];
  require(path.join(folder, 'cli.cjs'));
}

function runCore() {
  const scripts = watchScripts();
  const { parentPort } = threads;
  const post = parentPort.postMessage.bind(parentPort);
  parentPort.postMessage = (report) => {
    if (report.kind === 'done') keep(scripts);
    post(report);
  };
  require(threads.workerData);
}

if (!threads.isMainThread) runCore();
else if (process.argv[3] === 'watch') runProgram(process.argv[2]);
else main(process.argv[2]);
