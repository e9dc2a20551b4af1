// Crashes on purpose: runs a pipeline with a state directory, kills it (kill -9) again and again, at random moments and at
// named steps of the protocol, now and then stops it (SIGTERM), and compares what it has written at last, byte by byte, with a run that was never killed.
//
// Every other round the input is standard input: what a run had read is in its log, and a feeder goes on with the byte that
// the log wants (as `laminar state ls` says it), in pieces of any size.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { KILL_STEPS, LOG_KILL_STEPS, ROLL_KILL_STEPS } from '../../src/base/kill-point.ts';
import { InputLog } from '../../src/state/input-log.ts';
import { compare, outputs, removeOutputs, sortLines } from './crash-outputs.ts';
import { PIPELINES, sourceOf, writeInputs } from './crash-pipelines.ts';
import { startLaminar } from './program.ts';
import { createRandom, pick, type Random } from './random.ts';

export interface CrashOptions {
  seed: number;
  /** Pipelines that are run, one after another; more until there were `killsMin`. */
  rounds: number;
  killsMin: number;
  /** Kills of each, at most. */
  killsMax: number;
  rows: number;
  /** Names of pipelines; all when left out. */
  only?: readonly string[];
  /** Takes a line for each round. */
  log?: (line: string) => void;
}

export interface CrashReport {
  rounds: number;
  /** How many runs ended by a kill, how many of these at a named step, and how many read standard input. */
  kills: number;
  atSteps: number;
  ofStdin: number;
}

/** Writes of a log, after one of which a run is killed. */
const LOG_WRITES_MAX = 2;
/** Files of a series, at one of which, or behind, a run is killed. */
const FILES_MAX = 6;
/** Bytes that a feeder gives at once. */
const PIECE_BYTES_MAX = 40_000;

/** What a round is about. */
interface Round {
  folder: string;
  name: string;
  /** Of standard input; null: files. */
  input: Buffer | null;
  random: Random;
}

interface Death {
  environment: Record<string, string>;
  /** When it gets a signal from outside; null: it does not. */
  millis: number | null;
  signal: 'SIGKILL' | 'SIGTERM';
  what: string;
}

/** @throws what differs, with the seed that leads there. */
export async function crashRounds(options: CrashOptions): Promise<CrashReport> {
  const random = createRandom(options.seed);
  const report: CrashReport = { rounds: 0, kills: 0, atSteps: 0, ofStdin: 0 };
  const names = Object.keys(PIPELINES).filter((name) => options.only?.includes(name) ?? true);
  const first = random.below(names.length);
  for (let round = 0; round < options.rounds || report.kills < options.killsMin; round++) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'laminar-crash-'));
    try {
      const line = await crashRound(folder, first + round, { ...options, random, report, names });
      options.log?.(line);
      report.rounds++;
    } catch (cause) {
      throw new Error(`seed ${options.seed}, round ${round}: ${(cause as Error).message}`, { cause });
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  }
  return report;
}

async function crashRound(
  folder: string,
  number: number,
  { rows, killsMax, random, report, names }: CrashOptions & { random: Random; report: CrashReport; names: string[] },
): Promise<string> {
  const place = number % names.length;
  const name = names[place] as string;
  // When all have been run, each comes again with the other input.
  const isLogged = (place + Math.floor(number / names.length)) % 2 === 1;
  const files = isLogged ? 1 : 1 + random.below(3);
  writeInputs(folder, random, { rows, files, isCompressed: !isLogged && random.below(4) === 0 });
  const settings = "SET checkpoint_interval = '100ms'; SET batch_size = 8;";
  fs.writeFileSync(path.join(folder, 'p.lsql'), `${sourceOf(random, isLogged)} ${settings} ${PIPELINES[name]}`);
  const input = isLogged ? fs.readFileSync(path.join(folder, 'in0.ndjson')) : null;
  const round: Round = { folder, name, input, random };
  const started = performance.now();
  const whole = await life(round, ['--cores', '1'], null);
  const usualMillis = performance.now() - started;
  if (whole.code !== 0) throw new Error(`${name}: the run that is not killed fails: ${whole.stderr}`);
  const expected = outputs(folder);
  removeOutputs(folder);
  const told: string[] = [];
  for (let kill = 0; ; kill++) {
    const cores = random.below(6) + 1;
    // Where that is possible all cores compute, whatever their number.
    const hooks: Record<string, string> = random.below(4) > 0 ? { LAMINAR_TEST_EXCHANGE: String(1 << 20) } : {};
    // What is kept is little, and its memory is copied for it all the same.
    if (random.below(2) === 0) hooks['LAMINAR_TEST_COPY'] = '1';
    const death =
      kill === killsMax ? null : deathOf(random, { isLogged, isRolled: name.startsWith('rolled'), usualMillis });
    const flags = ['--cores', String(cores), '--state-dir', 'state'];
    const ending = await life(round, flags, death, hooks);
    told.push(`${death?.what ?? 'end'}@${cores}`);
    if (ending.signal === 'SIGKILL') {
      report.kills++;
      if (death?.millis === null) report.atSteps++;
      if (isLogged) report.ofStdin++;
      continue;
    }
    // Stopped, or before it could listen.
    if (ending.stderr.includes('(stopped)') || ending.signal === 'SIGTERM') continue;
    if (ending.code !== 0) throw new Error(`${name} [${told.join(' ')}]: ${ending.stderr}`);
    break;
  }
  const given = outputs(folder);
  // Rows of two sources come in any order.
  if (name === 'matched') for (const files of [expected, given]) sortLines(files);
  compare(expected, given, `${name} [${told.join(' ')}]`);
  return `${name}${isLogged ? ' from standard input' : ''}: ${told.join(' ')}`;
}

interface Life {
  isLogged: boolean;
  isRolled: boolean;
  usualMillis: number;
}

function deathOf(random: Random, { isLogged, isRolled, usualMillis }: Life): Death {
  if (random.below(5) >= 3) {
    const millis = usualMillis * (0.3 + random.below(100) / 160);
    const signal = random.below(6) === 0 ? 'SIGTERM' : 'SIGKILL';
    return { environment: {}, millis, signal, what: signal === 'SIGTERM' ? 'stop' : 'kill' };
  }
  const ofLog = isLogged && random.below(3) === 0;
  const ofFiles = isRolled && random.below(2) === 0;
  const step = pick(random, ofFiles ? ROLL_KILL_STEPS : ofLog ? LOG_KILL_STEPS : KILL_STEPS);
  const number = ofFiles ? 1 + random.below(FILES_MAX) : ofLog ? 1 + random.below(LOG_WRITES_MAX) : 1;
  return { environment: { LAMINAR_TEST_KILL: `${step}:${number}` }, millis: null, signal: 'SIGKILL', what: step };
}

async function life(
  { folder, input, random }: Round,
  flags: readonly string[],
  death: Death | null,
  others: Record<string, string> = {},
) {
  const { environment = {}, millis = null, signal = 'SIGKILL' } = death ?? {};
  const from = InputLog.spans(path.join(folder, 'state')).get('t')?.end ?? 0;
  const running = startLaminar(['run', 'p.lsql', ...flags], { cwd: folder, env: { ...others, ...environment } });
  const { stdin } = running.child;
  if (input === null) stdin.end();
  else void feed(stdin, input.subarray(from), random);
  const timer = millis === null ? undefined : setTimeout(() => running.child.kill(signal), millis);
  const ending = await running.ending();
  clearTimeout(timer);
  stdin.destroy();
  return ending;
}

/** Gives bytes in pieces, until nobody takes them any more. */
async function feed(to: Writable, bytes: Buffer, random: Random): Promise<void> {
  const sizes = createRandom(random.below(1_000_000));
  for (let at = 0; at < bytes.length; ) {
    const count = 1 + sizes.below(PIECE_BYTES_MAX);
    if (to.destroyed) return;
    if (!to.write(bytes.subarray(at, at + count)))
      await new Promise((resolve) => to.once('drain', resolve).once('close', resolve));
    await sleep(sizes.below(9));
    at += count;
  }
  to.end();
}
