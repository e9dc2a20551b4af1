// Damages state directories in a process of its own, which may end by it: damage.ts FOLDER SHAPE SEED FIRST COUNT
//
// Makes a directory of that shape, then for each number a damaged copy, which it opens, reads, writes to and reads again. Prints a line
// for each: its number, and `right`, `refused`, or `wrong` and why.

import fs from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import type { Manifest } from '../../../src/state/manifest.ts';
import type { Snapshot } from '../../../src/state/snapshot.ts';
import { StateDirectory } from '../../../src/state/state-directory.ts';
import { createRandom, pick, type Random } from '../../support/random.ts';

const FACTS = { pipeline: 'p.lsql', nodes: { a: 'x' }, isFinished: false, pauseMillis: 1, corePauses: [1] };

interface Shape {
  commits: number;
  blocks: number;
  bytesMax: number;
  /** Share of blocks that change from one commit to the next. */
  changed: number;
}

const SHAPES: Record<string, Shape> = {
  few: { commits: 3, blocks: 2, bytesMax: 9000, changed: 1 },
  small: { commits: 5, blocks: 700, bytesMax: 120, changed: 0.3 },
  large: { commits: 9, blocks: 12, bytesMax: 70_000, changed: 0.5 },
};

/** What is in a checkpoint, in short. */
function contentOf(snapshot: Snapshot): string {
  const blocks = snapshot.operators.flatMap(({ id, blocks }) =>
    blocks.map(({ name, bytes }) => [id, name, crc32(bytes)]),
  );
  return JSON.stringify([snapshot.sinks, blocks]);
}

function snapshotOf(blocks: ReadonlyMap<string, Uint8Array>, bytes: number): Snapshot {
  const saved = [...blocks].map(([name, content]) => ({ name, bytes: content }));
  return {
    sources: [],
    operators: [{ id: 'a', core: 0, cores: 1, keys: 1, openStart: null, blocks: saved }],
    sinks: [{ id: 'o', bytes, openInputs: 1, isFinished: false }],
  };
}

function randomBytes(random: Random, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, () => random.below(256));
}

/** @returns contents by the epoch of their checkpoint. */
async function makeDirectory(folder: string, shape: Shape, random: Random): Promise<Map<number, string>> {
  const blocks = new Map<string, Uint8Array>();
  const contents = new Map<number, string>();
  const opened = await StateDirectory.open(folder);
  await opened.begin({ o: 0 });
  for (let n = 0; n < shape.commits; n++) {
    for (let block = 0; block < shape.blocks; block++) {
      if (n > 0 && random.below(100) >= shape.changed * 100) continue;
      const name = `w${block}.${random.below(9) === 0 ? n : 0}`;
      blocks.set(name, randomBytes(random, 1 + random.below(shape.bytesMax)));
    }
    const snapshot = snapshotOf(blocks, n * 100);
    const { epoch } = await opened.commit(snapshot, FACTS);
    contents.set(epoch, contentOf(snapshot));
    if (n === 1) await opened.name(epoch, 'early');
    await opened.retire();
  }
  await opened.close();
  return contents;
}

/** Bytes that are other ones, a file that ends too early, a sector without anything, pages that have changed places. */
function damage(file: string, random: Random): string {
  const bytes = fs.readFileSync(file);
  if (bytes.length === 0) return 'nothing';
  const page = random.below(Math.ceil(bytes.length / 4096)) * 4096;
  // Half of them where LMDB has its structure, and not in what it keeps.
  const at = random.below(2) === 0 ? random.below(bytes.length) : Math.min(bytes.length - 1, page + random.below(150));
  const kind = random.below(12);
  if (kind === 0) {
    fs.truncateSync(file, at);
    return `cut off at ${at}`;
  }
  if (kind === 1) bytes.fill(0, at - (at % 512), Math.min(bytes.length, at - (at % 512) + 512));
  else if (kind === 2) {
    const other = random.below(Math.ceil(bytes.length / 4096)) * 4096;
    Buffer.from(bytes.subarray(other, other + 4096)).copy(bytes, page);
  } else if (kind < 6) bytes[at] = random.below(256);
  else bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
  fs.writeFileSync(file, bytes);
  return `kind ${kind} at ${at}`;
}

async function check(folder: string, contents: ReadonlyMap<number, string>): Promise<string> {
  const opened = await StateDirectory.open(folder);
  const newest = Math.max(...contents.keys());
  const problems: string[] = [];
  try {
    for (const { manifest, names } of opened.checkpoints) {
      if (contents.get(manifest.epoch) !== contentOf(opened.restore(manifest))) problems.push('another content');
      if ((names[0] ?? '') !== (manifest.epoch === 2 ? 'early' : '')) problems.push('another savepoint');
    }
    if (opened.newest?.epoch !== newest) problems.push('not the last checkpoint');
    const next = snapshotOf(new Map([['w0.0', new Uint8Array(30_000).fill(7)]]), 7777);
    for (let again = 0; again < 3; again++) {
      await opened.commit(next, FACTS);
      await opened.retire();
    }
    if (contentOf(opened.restore(opened.newest as Manifest)) !== contentOf(next)) problems.push('another new content');
  } finally {
    await opened.close();
  }
  return problems.length === 0 ? 'right' : `wrong: ${problems.join(', ')}`;
}

const [folder = '', name = '', seed = '0', first = '0', count = '0'] = process.argv.slice(2);
const whole = path.join(folder, 'whole');
fs.rmSync(whole, { recursive: true, force: true });
const contents = await makeDirectory(whole, SHAPES[name] as Shape, createRandom(Number(seed)));
for (let n = Number(first); n < Number(first) + Number(count); n++) {
  const random = createRandom(Number(seed) * 1_000_003 + n);
  const copy = path.join(folder, `copy${n}`);
  fs.cpSync(whole, copy, { recursive: true });
  const files = ['core-0/data.mdb', 'coordinator/data.mdb', 'core-0/lock.mdb', 'lock'];
  const file = random.below(8) === 0 ? pick(random, files) : pick(random, files.slice(0, 2));
  const what = damage(path.join(copy, file), random);
  fs.writeSync(1, `${n} ${file} ${what} `);
  let outcome: string;
  try {
    outcome = await check(copy, contents);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    outcome = /^LMN-40/.test(code ?? '') ? `refused: ${message}` : `wrong: ${(error as Error).stack}`;
  }
  fs.writeSync(1, `${outcome.replaceAll('\n', ' ')}\n`);
  fs.rmSync(copy, { recursive: true, force: true });
}
