import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LaminarError } from '../../src/base/errors.ts';
import { ClosedOutput, READ_END, READ_NOTHING } from '../../src/connectors/connector.ts';
import { DescriptorReader } from '../../src/connectors/descriptor-reader.ts';
import { DescriptorWriter } from '../../src/connectors/descriptor-writer.ts';
import { openFiles, openFileWriter } from '../../src/connectors/file.ts';
import { testMemory } from '../support/linear-memory.ts';
import { drain, temporaryDirectory } from './fixture.ts';

const memory = testMemory();
let directory: string;
const at = (name: string) => path.join(directory, name);
const lines = (count: number) =>
  Array.from({ length: count }, (_, i) => `{"n":${i},"h":"${(i * 2654435761) >>> 0}"}\n`).join('');

beforeAll(() => {
  directory = temporaryDirectory();
});
afterAll(() => fs.rmSync(directory, { recursive: true }));

function codeOf(act: () => unknown): { code: string; message: string; hint: string } {
  try {
    act();
  } catch (error) {
    const { code, message, hint } = error as LaminarError;
    return { code, message, hint: hint ?? '' };
  }
  throw new Error('expected an error');
}

function has(tool: string): boolean {
  return fs.existsSync(`/usr/bin/${tool}`) || fs.existsSync(`/bin/${tool}`);
}

describe('reading files', () => {
  it('gives every byte whatever the read sizes are', () => {
    fs.writeFileSync(at('plain.ndjson'), lines(5000));
    for (const sizes of [[1 << 18], [1, 7, 2048], [3]]) {
      const [reader] = openFiles(at('plain.ndjson'), 'auto');
      expect(drain(reader!, memory, sizes).toString()).toBe(lines(5000));
      expect(reader!.consumedBytes).toBe(lines(5000).length);
      expect(reader!.sizeBytes).toBe(lines(5000).length);
      expect(reader!.read(memory, 4096, 16)).toBe(READ_END);
      reader!.close();
    }
  });

  it('goes on where an earlier run was, which counts as read', () => {
    fs.writeFileSync(at('later.ndjson'), lines(50));
    const [reader] = openFiles(at('later*.ndjson'), 'auto');
    reader!.seek?.(100, 9);
    expect(reader!.consumedBytes).toBe(100);
    expect(drain(reader!, memory, [1 << 18]).toString()).toBe(lines(50).slice(100));
    expect(reader!.consumedBytes).toBe(lines(50).length);
    reader!.close();
  });

  it('ends at once on an empty file, also one named .gz', () => {
    for (const name of ['empty.ndjson', 'empty.gz']) {
      fs.writeFileSync(at(name), '');
      const [reader] = openFiles(at(name), 'auto');
      expect(reader!.read(memory, 4096, 16)).toBe(READ_END);
      reader!.close();
    }
  });

  it('matches patterns in name order, leaving directories out', () => {
    fs.mkdirSync(at('logs/b.d'), { recursive: true });
    for (const name of ['b10', 'b2', 'a', 'B']) fs.writeFileSync(at(`logs/${name}.log`), name);
    fs.writeFileSync(at('logs/b.d/z.log'), 'z');
    fs.mkdirSync(at('logs/directory.log'));
    const names = (pattern: string) =>
      openFiles(at(pattern), 'auto').map((r) => {
        r.close();
        return path.relative(directory, r.name);
      });
    expect(names('logs/*.log')).toEqual(['logs/B.log', 'logs/a.log', 'logs/b10.log', 'logs/b2.log']);
    expect(names('logs/**/*.log')).toEqual([
      'logs/B.log',
      'logs/a.log',
      'logs/b.d/z.log',
      'logs/b10.log',
      'logs/b2.log',
    ]);
    expect(names('logs/[ab].log')).toEqual(['logs/a.log']);
    fs.writeFileSync(at('logs/we[i]rd.txt'), 'literal');
    expect(names('logs/we[i]rd.txt')).toEqual(['logs/we[i]rd.txt']);
  });

  it('reads more files than a process may hold open', () => {
    fs.mkdirSync(at('many'));
    const names = Array.from({ length: 1500 }, (_, i) => `${String(i).padStart(4, '0')}.log`);
    for (const name of names) fs.writeFileSync(at(`many/${name}`), `${name}\n`);
    const open = () => fs.readdirSync('/proc/self/fd').length;
    const before = open();
    const readers = openFiles(at('many/*.log'), 'auto');
    expect(readers.map(({ sizeBytes }) => sizeBytes)).toEqual(names.map(() => 9));
    let text = '';
    let most = 0;
    for (const reader of readers) {
      text += drain(reader, memory, [1 << 10]).toString();
      most = Math.max(most, open());
    }
    expect(text).toBe(names.map((name) => `${name}\n`).join(''));
    expect(most).toBeLessThan(before + 10);
    for (const reader of readers) reader.close();
  });

  it('closes what it opened when a later file of a pattern cannot be read', () => {
    fs.mkdirSync(at('mixed'));
    fs.writeFileSync(at('mixed/a'), 'a');
    fs.symlinkSync(at('mixed/nowhere'), at('mixed/b'));
    const before = fs.readdirSync('/proc/self/fd').length;
    expect(codeOf(() => openFiles(at('mixed/*'), 'auto')).code).toBe('LMN-5001');
    expect(codeOf(() => openFiles(directory, 'auto')).code).toBe('LMN-5002');
    expect(fs.readdirSync('/proc/self/fd').length).toBe(before);
  });

  it.skipIf(process.getuid?.() === 0)('says that a file may not be read, before anything is read', () => {
    fs.writeFileSync(at('secret'), 'x', { mode: 0o000 });
    expect(codeOf(() => openFiles(at('secret'), 'auto'))).toMatchObject({
      code: 'LMN-5004',
      message: expect.stringContaining('EACCES'),
    });
  });

  it('says what is missing and what was probably meant', () => {
    fs.writeFileSync(at('trades.ndjson'), '');
    const missing = codeOf(() => openFiles(at('tradse.ndjson'), 'auto'));
    expect(missing.code).toBe('LMN-5001');
    expect(missing.hint).toContain(`did you mean ${at('trades.ndjson')}?`);
    expect(codeOf(() => openFiles(at('nowhere/at/all'), 'auto')).hint).toBe(`looked for ${at('nowhere/at/all')}`);
    expect(codeOf(() => openFiles(at('plain.ndjson/x'), 'auto')).code).toBe('LMN-5001');
    expect(codeOf(() => openFiles(directory, 'auto')).code).toBe('LMN-5002');
    expect(codeOf(() => openFiles(at('*.nothing'), 'auto')).code).toBe('LMN-5003');
  });

  it('reads a FIFO without blocking, before, while and after it has a writer', () => {
    execFileSync('mkfifo', [at('fifo')]);
    const [reader] = openFiles(at('fifo'), 'auto');
    const address = memory.allocate(64);
    expect(reader!.read(memory, address, 64)).toBe(READ_NOTHING);
    const writer = fs.openSync(at('fifo'), 'w');
    expect(reader!.read(memory, address, 64)).toBe(READ_NOTHING);
    fs.writeSync(writer, 'one\ntwo\n');
    expect(reader!.read(memory, address, 4)).toBe(4);
    expect(reader!.read(memory, address, 64)).toBe(4);
    expect(reader!.read(memory, address, 64)).toBe(READ_NOTHING);
    fs.closeSync(writer);
    expect(reader!.read(memory, address, 64)).toBe(READ_END);
    expect(reader!.sizeBytes).toBeNull();
    reader!.close();
  });

  it('reads an inherited descriptor by its /dev/fd name', () => {
    const descriptor = fs.openSync(at('plain.ndjson'), 'r');
    const [reader] = openFiles(`/dev/fd/${descriptor}`, 'auto');
    expect(drain(reader!, memory).length).toBe(lines(5000).length);
    reader!.close();
    fs.closeSync(descriptor); // still ours: the reader did not close it
  });
});

describe('compressed files', () => {
  const text = lines(40_000);
  const compressors = { gzip: zlib.gzipSync, zstd: zlib.zstdCompressSync };
  const joined = (kind: 'gzip' | 'zstd') =>
    Buffer.concat([compressors[kind](text.slice(0, 9999)), compressors[kind](''), compressors[kind](text.slice(9999))]);

  for (const kind of ['gzip', 'zstd'] as const) {
    it(`reads several ${kind} members as one, recognised by content and not by name`, () => {
      fs.writeFileSync(at(`many-${kind}.dat`), joined(kind));
      for (const sizes of [[1 << 18], [1, 7, 2048], [100_000, 3]]) {
        const [reader] = openFiles(at(`many-${kind}.dat`), 'auto');
        expect(drain(reader!, memory, sizes).toString() === text).toBe(true);
        expect(reader!.consumedBytes).toBe(joined(kind).length);
        reader!.close();
      }
    });

    it(`says that ${kind} data is cut off after giving what was there`, () => {
      const whole = compressors[kind](text);
      for (const cut of [1, 9, whole.length - 6]) {
        fs.writeFileSync(at('cut.dat'), whole.subarray(0, whole.length - cut));
        const [reader] = openFiles(at('cut.dat'), 'auto');
        const failure = codeOf(() => drain(reader!, memory));
        expect(failure.code).toBe('LMN-5021');
        expect(failure.message).toContain(`stops at byte ${whole.length - cut}`);
        reader!.close();
      }
    });

    it(`says where ${kind} data is corrupt`, () => {
      fs.writeFileSync(at('corrupt.dat'), Buffer.concat([compressors[kind](text), Buffer.from('not compressed')]));
      const [reader] = openFiles(at('corrupt.dat'), 'auto');
      const failure = codeOf(() => drain(reader!, memory));
      expect(failure.code).toBe('LMN-5022');
      expect(failure.message).toMatch(/between byte \d+ and byte \d+/);
      reader!.close();
    });

    it(`writes ${kind} that the reader and the tool both take, also appended`, () => {
      const file = at(kind === 'gzip' ? 'out.ndjson.gz' : 'out.ndjson.zst');
      const address = memory.store(Buffer.from(text));
      for (const [mode, expected] of [
        ['overwrite', text],
        ['append', text + text],
        ['overwrite', text],
      ] as const) {
        const writer = openFileWriter(file, mode, 'auto');
        for (let i = 0; i < text.length; i += 70_001)
          writer.write(memory, address + i, Math.min(70_001, text.length - i));
        writer.flush();
        writer.close();
        const [reader] = openFiles(file, 'auto');
        expect(drain(reader!, memory).toString() === expected).toBe(true);
        reader!.close();
        if (has(kind))
          expect(execFileSync(kind, ['-dc', file], { maxBuffer: 1 << 26 }).toString() === expected).toBe(true);
      }
      expect(fs.statSync(file).size).toBeLessThan(text.length / 2);
    });

    it(`ends ${kind} data after the memory that it came from has grown`, () => {
      const file = at(`grown-${kind}`);
      const grown = testMemory();
      const address = grown.store(Buffer.from('one\ntwo\n'));
      const writer = openFileWriter(file, 'overwrite', kind);
      writer.write(grown, address, 4);
      grown.memory.grow(16);
      grown.refresh();
      writer.settle();
      writer.write(grown, address + 4, 4);
      grown.memory.grow(16);
      writer.close();
      const [reader] = openFiles(file, kind);
      expect(drain(reader!, memory).toString()).toBe('one\ntwo\n');
      reader!.close();
    });

    it(`keeps memory bounded on ${kind} data that expands a thousandfold`, () => {
      fs.writeFileSync(at('bomb.dat'), compressors[kind](Buffer.alloc(200 << 20)));
      const [reader] = openFiles(at('bomb.dat'), 'auto');
      const address = memory.allocate(1 << 18);
      const before = process.memoryUsage().rss;
      let total = 0;
      let rssMax = 0;
      for (
        let count = reader!.read(memory, address, 1 << 18);
        count > 0;
        count = reader!.read(memory, address, 1 << 18)
      ) {
        total += count;
        if (total % (10 << 20) < 1 << 18) rssMax = Math.max(rssMax, process.memoryUsage().rss);
      }
      expect(total).toBe(200 << 20);
      expect(rssMax - before).toBeLessThan(64 << 20);
      reader!.close();
    });
  }

  it('ignores zeros after the last gzip member, as tape and block devices leave them', () => {
    fs.writeFileSync(at('padded.gz'), Buffer.concat([zlib.gzipSync(text), Buffer.alloc(100_000)]));
    const [reader] = openFiles(at('padded.gz'), 'auto');
    expect(drain(reader!, memory).toString() === text).toBe(true);
    reader!.close();
  });

  it('reads the file as it is when compression is none', () => {
    const compressed = zlib.gzipSync('x');
    fs.writeFileSync(at('raw.gz'), compressed);
    const [reader] = openFiles(at('raw.gz'), 'none');
    expect(drain(reader!, memory)).toEqual(compressed);
    reader!.close();
  });

  it('reads what the tools write', () => {
    for (const tool of ['gzip', 'zstd'].filter(has)) {
      const compressed = execFileSync(tool, ['-c'], { input: text, maxBuffer: 1 << 26 });
      fs.writeFileSync(at('tool.dat'), compressed);
      const [reader] = openFiles(at('tool.dat'), 'auto');
      expect(drain(reader!, memory).toString() === text).toBe(true);
      reader!.close();
    }
  });
});

describe('writing files', () => {
  const address = memory.store(Buffer.from('row\n'));

  it('overwrites by default and appends when asked', () => {
    for (const [mode, expected] of [
      ['overwrite', 'row\n'],
      ['append', 'row\nrow\n'],
      ['overwrite', 'row\n'],
    ] as const) {
      const writer = openFileWriter(at('out.txt'), mode, 'auto');
      writer.write(memory, address, 4);
      writer.close();
      expect(fs.readFileSync(at('out.txt'), 'utf8')).toBe(expected);
    }
  });

  it('says that the directory is missing', () => {
    const failure = codeOf(() => openFileWriter(at('no/such/out.txt'), 'overwrite', 'auto'));
    expect(failure.code).toBe('LMN-5030');
    expect(failure.hint).toContain(at('no/such'));
    expect(codeOf(() => openFileWriter(directory, 'overwrite', 'auto')).code).toBe('LMN-5030');
  });

  it('reports a full disk', () => {
    const writer = openFileWriter('/dev/full', 'append', 'none');
    const failure = codeOf(() => writer.write(memory, address, 4));
    expect(failure).toMatchObject({ code: 'LMN-5031', message: 'cannot write /dev/full: no space left' });
    writer.close();
  });

  it('says that the reader has gone away', () => {
    execFileSync('mkfifo', [at('closed')]);
    const reader = fs.openSync(at('closed'), fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
    const writer = openFileWriter(at('closed'), 'overwrite', 'auto');
    fs.closeSync(reader);
    expect(() => writer.write(memory, address, 4)).toThrow(ClosedOutput);
    writer.close();
  });

  it('waits for a slow reader of a non-blocking pipe and loses nothing', async () => {
    execFileSync('mkfifo', [at('slow')]);
    const text = lines(30_000);
    const source = memory.store(Buffer.from(text));
    const reader = spawn('sh', ['-c', 'exec 3< slow; sleep 0.2; cat <&3 > slow.out'], { cwd: directory });
    const ended = new Promise((resolve) => reader.on('close', resolve));
    const descriptor = await openNonBlocking(at('slow'));
    const writer = new DescriptorWriter('slow', descriptor, true);
    writer.write(memory, source, text.length);
    writer.close();
    await ended;
    expect(fs.readFileSync(at('slow.out'), 'utf8') === text).toBe(true);
  });

  it('takes a pipe that another process emptied for empty, not for an error', () => {
    execFileSync('mkfifo', [at('shared')]);
    const descriptor = fs.openSync(at('shared'), fs.constants.O_RDWR | fs.constants.O_NONBLOCK);
    const reader = new DescriptorReader('shared', descriptor, true);
    expect(reader.read(memory, address, 4)).toBe(READ_NOTHING);
    reader.close();
  });
});

async function openNonBlocking(file: string): Promise<number> {
  for (;;) {
    try {
      return fs.openSync(file, fs.constants.O_WRONLY | fs.constants.O_NONBLOCK);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 10)); // ENXIO: no reader yet
    }
  }
}
