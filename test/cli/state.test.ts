// A run with a state directory, as its user has it: started again, it goes on where it was, and its output is that of a
// run that was never interrupted.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { laminar, startLaminar } from '../support/program.ts';
import { canMount, mountSmall, unmount } from '../support/small-disk.ts';

const ROWS = 20_000;

let directory = '';
beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'laminar-state-'));
});
afterEach(() => fs.rmSync(directory, { recursive: true, force: true }));

function writeInput(rows = ROWS): void {
  const lines = Array.from({ length: rows }, (_, n) =>
    n % 999 === 0 ? '{"k": broken' : JSON.stringify({ k: `k${n % 13}`, v: n % 7, ts: 1.7e12 + n * 100 }),
  );
  fs.writeFileSync(path.join(directory, 'in.ndjson'), `${lines.join('\n')}\n`);
}

const SOURCE = `CREATE SOURCE t (k VARCHAR, v INTEGER, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '3' SECOND)
  FROM FILE (path = 'in.ndjson', format = 'json', on_error = 'dead_letter', dead_letter = 'bad.ndjson');`;
const WINDOWS = `CREATE SINK out AS SELECT k, window_start, COUNT(*) AS n, SUM(v) AS s FROM t
  GROUP BY k, TUMBLE(ts, INTERVAL '20' SECOND) INTO FILE (path = 'out.ndjson', format = 'json');`;

const run = (text: string, ...flags: string[]) =>
  laminar(['run', '-e', text, '--state-dir', 'state', ...flags], { cwd: directory });
const output = (name = 'out.ndjson') => fs.readFileSync(path.join(directory, name), 'utf8');

/** Waits for four seconds at most. */
async function until(isSo: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !isSo(); i++) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('a run with a state directory', () => {
  test('says that it has come to its end when it is started again, and begins anew with --fresh', () => {
    writeInput(2000);
    expect(run(SOURCE + WINDOWS)).toMatchObject({ code: 0, stdout: '' });
    const whole = output();
    const bad = output('bad.ndjson');
    expect(bad.split('\n')).toHaveLength(4);
    fs.appendFileSync(path.join(directory, 'in.ndjson'), '{"k":"new","v":1,"ts":1700009999000}\n');
    const again = run(SOURCE + WINDOWS);
    expect(again.code).toBe(0);
    expect(again.stderr).toMatch(
      /^notice: -e has come to its end \(.*Z\): nothing is left to do; --fresh begins again\n$/,
    );
    expect(output()).toBe(whole);
    expect(run(SOURCE + WINDOWS, '--fresh').code).toBe(0);
    expect(output()).toContain('"k":"new"');
  });

  test('keeps what is open when it is stopped, and goes on there, on another number of cores', async () => {
    writeInput();
    expect(run(SOURCE + WINDOWS).code).toBe(0);
    const [whole, bad] = [output(), output('bad.ndjson')];
    const text = `SET batch_size = 20; ${SOURCE}${WINDOWS}`;
    run(text, '--fresh', '--for', '30ms');
    let lives = 0;
    for (
      ;
      lives < 60 && !run(text, '--for', '40ms', '--cores', String(1 + (lives % 3))).stderr.includes('its end');
      lives++
    );
    expect(output()).toBe(whole);
    expect(output('bad.ndjson')).toBe(bad);
  });

  test('cuts off what was written after the last checkpoint', () => {
    writeInput();
    expect(run(SOURCE + WINDOWS).code).toBe(0);
    const whole = output();
    const killed = laminar(['run', '-e', SOURCE + WINDOWS, '--state-dir', 'state', '--fresh'], {
      cwd: directory,
      env: { LAMINAR_TEST_KILL: 'manifest:1' },
    });
    expect(killed.signal).toBe('SIGKILL');
    fs.appendFileSync(path.join(directory, 'out.ndjson'), 'half a li');
    expect(run(SOURCE + WINDOWS)).toMatchObject({ code: 0 });
    expect(output()).toBe(whole);
  });

  test('cuts an appended file off to what was there before the first run, when nothing was decided', () => {
    writeInput(500);
    const text = `${SOURCE}${WINDOWS.replace("format = 'json')", "format = 'json', mode = 'append')")}`;
    const before = '{"k":"of another program"}\n';
    fs.writeFileSync(path.join(directory, 'out.ndjson'), before);
    const flags = ['run', '-e', text, '--state-dir', 'state'];
    const killed = laminar(flags, { cwd: directory, env: { LAMINAR_TEST_KILL: 'voting:1' } });
    expect(killed.signal).toBe('SIGKILL');
    expect(output().length).toBeGreaterThan(before.length);
    expect(laminar(flags, { cwd: directory }).code).toBe(0);
    const first = output();
    expect(first.startsWith(before)).toBe(true);
    fs.rmSync(path.join(directory, 'state'), { recursive: true });
    fs.writeFileSync(path.join(directory, 'out.ndjson'), before);
    expect(laminar(flags, { cwd: directory }).code).toBe(0);
    expect(output()).toBe(first);
  });

  test('says which output does not take the last checkpoint: it was removed while the run wrote it', async () => {
    const text = `CREATE SOURCE g (n BIGINT) FROM GENERATOR (rate = 200, n.kind = 'sequence');
      SET checkpoint_interval = '100ms'; CREATE SINK o AS SELECT n FROM g INTO FILE (path = 'out.ndjson', format = 'json');`;
    const running = startLaminar(['run', '-e', text, '--state-dir', 'state'], { cwd: directory });
    const ending = running.ending();
    await until(() => fs.existsSync(path.join(directory, 'out.ndjson')) && output() !== '');
    fs.rmSync(path.join(directory, 'out.ndjson'));
    await new Promise((resolve) => setTimeout(resolve, 400));
    running.child.kill('SIGINT');
    const { code, stderr } = await ending;
    expect(stderr).toMatch(/notice: checkpoint \d+ is abandoned, the next one covers it: out.ndjson: it has 0 bytes/);
    expect(stderr).toMatch(
      /LMN-4021: the last checkpoint is not taken: out.ndjson: it has 0 bytes, and \d+ were written/,
    );
    expect(code).toBe(1);
  });

  test('gives rows of standard output at least once, those behind the last checkpoint again, and EXPLAIN says so', () => {
    writeInput(300);
    const text = `SET state_dir = 'state'; ${SOURCE} SELECT k, v FROM t;`;
    const flags = ['run', '-q', '-e', text];
    const killed = laminar(flags, { cwd: directory, env: { LAMINAR_TEST_KILL: 'voting:1' } });
    expect(killed.signal).toBe('SIGKILL');
    expect(killed.stdout.split('\n')).toHaveLength(300);
    expect(laminar(flags, { cwd: directory })).toMatchObject({ code: 0, stdout: killed.stdout });
    const file = "CREATE SINK o AS SELECT k FROM t INTO FILE (path = 'o.ndjson');";
    const plan = laminar(['explain', '-e', text.replace('SELECT k, v', `${file} SELECT k, v`)]).stdout;
    expect(plan).toContain('delivery: at least once; rows since the last checkpoint come again after a crash');
    expect(plan).toContain('delivery: exactly once\n');
  });

  test('takes a last checkpoint on SIGTERM', async () => {
    writeInput(3000);
    const text = `${SOURCE}
      CREATE SOURCE slow (a BIGINT) FROM GENERATOR (rows = 100000, rate = 100, a.kind = 'sequence');
      ${WINDOWS} CREATE SINK s AS SELECT a FROM slow INTO FILE (path = 'slow.ndjson', format = 'json');`;
    const running = startLaminar(['run', '-e', text, '--state-dir', 'state'], { cwd: directory });
    const ending = running.ending();
    await until(() => fs.existsSync(path.join(directory, 'slow.ndjson')) && output('slow.ndjson') !== '');
    running.child.kill('SIGTERM');
    expect(await ending).toMatchObject({ code: 0, signal: null });
    const before = output('slow.ndjson');
    expect(run(text, '--for', '300ms').stderr).toContain('going on from checkpoint 1 of');
    const after = output('slow.ndjson');
    expect(after.startsWith(before)).toBe(true);
    const numbers = after
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { a: number }).a);
    expect(numbers).toEqual(numbers.map((_, n) => (numbers[0] as number) + n));
  });
});

describe('the verbs of a state directory', () => {
  const text = `SET batch_size = 20; ${SOURCE}${WINDOWS}`;
  const verb = (...words: string[]) => laminar([...words, '-s', 'state'], { cwd: directory });

  test('make a savepoint, list and show it, go back to it, and take it away', () => {
    writeInput();
    fs.writeFileSync(path.join(directory, 'p.lsql'), text);
    // As short as it takes, on this machine, to be stopped before its end.
    let isFinished = true;
    for (let millis = 40; isFinished && millis >= 1; millis /= 2) {
      const flags = ['-s', 'state', '--fresh', '--for', `${millis}ms`];
      const cut = laminar(['run', 'p.lsql', ...flags], { cwd: directory });
      expect(cut.stderr).toMatch(/; checkpoint \d+: .* written/);
      isFinished = JSON.parse(verb('checkpoint', 'show', '--json').stdout).isFinished;
    }
    expect(verb('checkpoint', 'create', 'early')).toMatchObject({ code: 0, stdout: '' });
    expect(verb('checkpoint', 'create', '7')).toMatchObject({ code: 2 });
    const size = fs.statSync(path.join(directory, 'out.ndjson')).size;
    expect(laminar(['run', 'p.lsql', '-s', 'state'], { cwd: directory }).code).toBe(0);
    const whole = output();
    const listed = verb('checkpoint', 'list');
    expect(listed.stdout).toMatch(/^checkpoint {2}taken .* savepoint\n {9}\d+ {2}.* p\.lsql {4}early\n/);
    const shown = JSON.parse(verb('checkpoint', 'show', 'early', '--json').stdout);
    expect(shown).toMatchObject({
      isFinished: false,
      sinks: [{ id: 'out', bytes: size }, { id: ' dead letters bad.ndjson' }],
    });
    expect(verb('checkpoint', 'show', 'late')).toMatchObject({ code: 1, stderr: expect.stringContaining('LMN-4008') });
    const back = laminar(['run', 'p.lsql', '-s', 'state', '--from', 'early'], { cwd: directory });
    expect(back.stderr).toContain('going on from checkpoint');
    expect(output()).toBe(whole);
    expect(verb('checkpoint', 'rm', 'early').code).toBe(0);
    expect(verb('checkpoint', 'list').stdout).not.toContain('early');
  });

  test('tell what operators keep, and give it as rows', () => {
    const lines = [1, 2, 3, 4].map((n) => JSON.stringify({ k: n % 2 ? 'odd' : 'even', v: n, ts: 1.7e12 + n }));
    fs.writeFileSync(path.join(directory, 'in.ndjson'), `${lines.join('\n')}\n`);
    const slow = `${SOURCE} CREATE SOURCE g (n BIGINT) FROM GENERATOR (rate = 10, n.kind = 'sequence');
      CREATE SINK o AS SELECT n FROM g INTO BLACKHOLE; ${WINDOWS}`;
    fs.writeFileSync(path.join(directory, 'p.lsql'), slow);
    laminar(['run', 'p.lsql', '-s', 'state', '--for', '300ms'], { cwd: directory });
    expect(verb('state', 'ls').stdout).toMatch(/^operator .*\nout\.query\.aggregate +\d.* B/);
    // The source has ended, so its windows have come out: nothing is open.
    expect(verb('state', 'export', 'p.lsql')).toMatchObject({ code: 0, stdout: '' });
    expect(verb('state', 'get', 'p.lsql')).toMatchObject({ code: 2 });
  });
});

describe('a state directory that cannot be read', () => {
  const file = () => path.join(directory, 'state/coordinator/data.mdb');

  test.each([
    ['cut off', () => fs.truncateSync(file(), 5000)],
    ['filled with zeros', () => fs.writeFileSync(file(), new Uint8Array(20_000))],
    ['of something else', () => fs.writeFileSync(file(), 'this is no environment'.repeat(900))],
  ])('%s: an error, and --fresh puts what is there aside and begins again', (_, destroy) => {
    writeInput(2000);
    expect(run(SOURCE + WINDOWS).code).toBe(0);
    const whole = output();
    destroy();
    const refused = run(SOURCE + WINDOWS);
    expect(refused.stderr).toMatch(
      /error LMN-4003: the state in state is damaged: .*coordinator.data.mdb: .*\nhint: .*--fresh\n$/,
    );
    const again = run(SOURCE + WINDOWS, '--fresh');
    const [, aside = ''] =
      /notice: what was in state cannot be read: it is in (state.unreadable-\w+) now\n/.exec(again.stderr) ?? [];
    expect(fs.readdirSync(path.join(directory, aside)).sort()).toEqual(['coordinator', 'core-0']);
    expect([again.code, output()]).toEqual([0, whole]);
    expect(run(SOURCE + WINDOWS).stderr).toContain('has come to its end');
  });
});

describe('a state directory that one may not write to, or read', () => {
  const text =
    "CREATE SOURCE t (a BIGINT) FROM FILE (path = 'in.ndjson'); CREATE SINK o AS SELECT a FROM t INTO BLACKHOLE;";
  const state = (name = '') => path.join(directory, 'state', name);
  const asNobody = (...words: string[]) => laminar(words, { cwd: directory, asNobody: true });

  test.each([
    ['of another user', () => fs.chmodSync(state(), 0o500)],
    ['a lock that is not writable', () => fs.chmodSync(state('lock'), 0o400)],
    ['an environment of another user', () => fs.chmodSync(state('coordinator'), 0o000)],
    ['a file of another user', () => fs.chmodSync(state('coordinator/data.mdb'), 0o000)],
    ['files that may only be read', () => fs.chmodSync(state('coordinator/data.mdb'), 0o444)],
  ])('%s: an error that names it', (_, refuse) => {
    fs.writeFileSync(path.join(directory, 'in.ndjson'), '{"a":1}\n');
    fs.chmodSync(directory, 0o755);
    expect(run(text).code).toBe(0);
    // All of it is somebody else's, who lets everybody write.
    for (const name of fs.readdirSync(state(), { recursive: true })) fs.chmodSync(state(String(name)), 0o777);
    fs.chmodSync(state(), 0o777);
    refuse();
    const refused = asNobody('run', '-e', text, '--state-dir', 'state', '--fresh');
    expect(refused.stderr).toMatch(/^-e: error LMN-4007: cannot write to state: (EACCES|Permission denied.*)\nhint: /);
    expect(refused.code).toBe(1);
    const listed = asNobody('checkpoint', 'list', '-s', 'state');
    if (listed.code !== 0) expect(listed.stderr).toMatch(/^laminar: error LMN-4003: cannot read state: EACCES\nhint: /);
    fs.chmodSync(state(), 0o777);
    fs.chmodSync(state('coordinator'), 0o777);
  });
});

describe('what a run with a state directory refuses', () => {
  test('a second run in the same directory', async () => {
    const text = `CREATE SOURCE s (a BIGINT) FROM GENERATOR (rate = 10, a.kind = 'sequence'); CREATE SINK o AS SELECT a FROM s INTO BLACKHOLE;`;
    const running = startLaminar(['run', '-e', text, '--state-dir', 'state'], { cwd: directory });
    const ending = running.ending();
    await until(() => fs.existsSync(path.join(directory, 'state/core-0/data.mdb')));
    const second = run(text);
    running.child.kill('SIGINT');
    await ending;
    expect(second).toMatchObject({ code: 1, stderr: expect.stringContaining('LMN-4001: another run is using state') });
  });

  test('a source that cannot be read a second time, by name', () => {
    const refused = run(
      "CREATE SOURCE t (a BIGINT) FROM FILE (path = '/dev/stdin', format = 'json'); SELECT a FROM t;",
    );
    expect(refused.stderr).toContain(
      'LMN-4002: source t cannot be kept in a state directory: /dev/stdin cannot be read a second time',
    );
    expect(refused.code).toBe(1);
  });

  test('a pipeline that has changed, unless what does not fit may be dropped', () => {
    writeInput();
    run(SOURCE + WINDOWS, '--for', '150ms');
    const changed = WINDOWS.replace("'20' SECOND", "'30' SECOND");
    const refused = run(SOURCE + changed);
    if (refused.stderr.includes('has come to its end')) return;
    expect(refused.stderr).toContain(
      'LMN-4006: the state in state does not fit the pipeline: out.query.aggregate (has changed)',
    );
    const dropped = run(SOURCE + changed, '--on-incompatible', 'drop');
    expect(dropped.stderr).toContain('dropped from the state: out.query.aggregate (has changed)');
    expect(dropped.code).toBe(0);
  });

  test('an input that was replaced, and an output that lost what counts', () => {
    writeInput();
    const text = `SET batch_size = 20; ${SOURCE}${WINDOWS}`;
    // As long as it takes, on this machine, until there is some output.
    const written = () => fs.statSync(path.join(directory, 'out.ndjson'), { throwIfNoEntry: false })?.size ?? 0;
    for (let millis = 60; written() < 2 && millis < 5000; millis *= 2) run(text, '--fresh', '--for', `${millis}ms`);
    const input = path.join(directory, 'in.ndjson');
    const bytes = fs.readFileSync(input);
    fs.writeFileSync(input, bytes.toString().replace('k1', 'kX'));
    const replaced = run(text);
    if (replaced.stderr.includes('has come to its end')) return;
    expect(replaced.stderr).toContain('LMN-4004: in.ndjson was being read, and has other bytes now');
    fs.writeFileSync(input, bytes);
    fs.truncateSync(path.join(directory, 'out.ndjson'), 1);
    expect(run(text).stderr).toContain('LMN-4005: out.ndjson has 1 bytes; the last checkpoint counts on');
  });

  test('a directory that is none, and --fresh without one', () => {
    fs.writeFileSync(path.join(directory, 'state'), 'a file');
    writeInput(10);
    expect(run(SOURCE + WINDOWS).stderr).toContain('LMN-4007: cannot write to state');
    for (const flags of [['--fresh'], ['--lenient'], ['--from', 'x'], ['--on-incompatible', 'drop']]) {
      expect(laminar(['run', '-e', SOURCE + WINDOWS, ...flags], { cwd: directory })).toMatchObject({ code: 2 });
    }
  });

  test.skipIf(!canMount())('a disk that is full, by an error that says so and nothing else', () => {
    writeInput(100_000);
    const small = path.join(directory, 'small');
    fs.mkdirSync(small);
    mountSmall(small, '3m');
    try {
      const text = `SET wal_sync = 'always'; CREATE SOURCE t (k VARCHAR) FROM STDIN; SELECT k FROM t WHERE k = '';`;
      const input = fs.readFileSync(path.join(directory, 'in.ndjson')).subarray(100);
      const flags = ['--max-errors', '100%', '--state-dir', 'small/state'];
      const full = laminar(['run', '-q', '-e', text, ...flags], { cwd: directory, input });
      expect(full.stderr).toBe(
        '-e: error LMN-4007: cannot write to small/state: its disk is full\nhint: free some space; the last checkpoint is valid\n',
      );
      expect(full.code).toBe(1);
      expect(laminar(['run', '-q', '-e', text, ...flags], { cwd: directory, input })).toMatchObject(full);
    } finally {
      unmount(small);
    }
  });
});
