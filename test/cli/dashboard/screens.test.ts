// What a person sees, for given samples, size and keys: test/golden/dashboard/*.txt.
//
//   80x24 tab down enter      size, then keys by name or letter
//   waits …                   what /why says
//   budget 30                 ns that a row may take
//   cache 0.9                 share of the rows of the first operator that find theirs in a cache

import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { Dashboard } from '../../../src/cli/dashboard/dashboard.ts';
import { measure } from '../../../src/cli/dashboard/measure.ts';
import { shareRows } from '../../../src/cli/dashboard/overview.ts';
import { renderPlain } from '../../../src/cli/dashboard/plain.ts';
import { cellsOfLine, paint } from '../../../src/cli/dashboard/text.ts';
import type { Key } from '../../../src/cli/dashboard/view.ts';
import { goldenTests } from '../../support/golden.ts';
import { root } from '../../support/program.ts';
import { sampleAt } from './samples.ts';

const NAMED = new Set(['up', 'down', 'tab', 'enter', 'escape', 'end', 'home']);

function keyOf(word: string): Key {
  if (NAMED.has(word)) return { kind: word } as Key;
  return { kind: 'text', text: word === 'space' ? ' ' : word };
}

/** The dashboard after a minute of samples and the keys, and how large its terminal is. */
function dashboardOf(input: string): { dashboard: Dashboard; columns: number; rows: number } {
  const [first = '', ...others] = input.split('\n');
  const [size = '', ...keys] = first.split(' ');
  const [columns = 0, rows = 0] = size.split('x').map(Number);
  const text = (name: string) => others.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1) ?? null;
  const dashboard = new Dashboard(4711);
  for (let second = 120; second < 180; second++) {
    const waits = text('waits');
    const sample = sampleAt(second, { waits });
    // Whoever waits gets nothing.
    if (waits !== null) sample.progress.sinks[0]!.rows = 5000;
    // A quarter of the rate now and then, so that the line of blocks has a shape.
    if (second % 8 === 3) sample.progress.elapsedMillis += 700;
    const budget = text('budget');
    if (budget !== null)
      for (const one of sample.progress.operators) Object.assign(one, { nanosBudget: Number(budget), overruns: 4 });
    const share = text('cache');
    if (share !== null) Object.assign(sample.progress.operators[0] as object, cacheAt(second, Number(share)));
    dashboard.add(sample);
  }
  for (const key of keys) dashboard.press(keyOf(key));
  const ending = text('ending');
  if (ending !== null) dashboard.add(sampleAt(180, { ending }));
  return { dashboard, columns, rows };
}

/** A lookup whose cache has always had half of the rows, and now has such a share of them. */
function cacheAt(second: number, share: number) {
  const before = 120_000;
  const rows = (second - 119) * 4000;
  const hits = before / 2 + rows * share;
  const asked = before + (before + rows - hits) / 2;
  const questions = { questions: 900 + second, asking: 2, answerMillis: 1800 };
  return {
    kind: 'lookup',
    keys: 81_234,
    cache: { hits, waited: before + rows - hits, waiting: 1536, asked, ...questions },
  };
}

function screen(input: string): string {
  const { dashboard, columns, rows } = dashboardOf(input);
  const lines = dashboard.lines({ columns, rows });
  return lines
    .map((line) => paint(line, false).trimEnd())
    .join('\n')
    .trimEnd();
}

/** Between two samples, either with output or without. */
function once(waits: string): string {
  const now = sampleAt(61, { waits });
  if (waits.startsWith('window')) now.progress.sinks[0]!.rows = sampleAt(60).progress.sinks[0]!.rows;
  return renderPlain(measure(sampleAt(60), now));
}

goldenTests(path.join(root, 'test/golden/dashboard/screens.txt'), (input, tag) =>
  tag === 'once' ? once(input) : screen(input),
);

describe('a screen', () => {
  const sizes = [1, 2, 3, 5, 10, 24, 40, 200].flatMap((rows) =>
    [1, 7, 20, 40, 80, 133, 300].map((columns) => [columns, rows]),
  );
  test.each(['', 'enter', '?', '/ b'])('fits its terminal, however small it is (keys: %s)', (keys) => {
    for (const [columns = 0, rows = 0] of sizes) {
      const { dashboard } = dashboardOf(
        `${columns}x${rows} ${keys}\nwaits the window waits for a source that is idle`.replace(' \n', '\n'),
      );
      const lines = dashboard.lines({ columns, rows });
      expect(lines.length, `${columns}x${rows}`).toBeLessThanOrEqual(rows);
      expect(Math.max(...lines.map(cellsOfLine)), `${columns}x${rows}`).toBeLessThanOrEqual(columns);
    }
  });

  test('held still, it shows what was, and totals of that; then what is', () => {
    const { dashboard, ...size } = dashboardOf('100x30 space');
    const held = screenOf(dashboard, size);
    expect(held).toContain('PAUSED');
    dashboard.add(sampleAt(500));
    expect(screenOf(dashboard, size)).toBe(held);
    dashboard.press(keyOf('space'));
    expect(screenOf(dashboard, size)).toContain('up 8m 20s');
  });

  test('what the output waits for is said after ten seconds without any, and no longer when some comes', () => {
    const dashboard = new Dashboard(4711);
    const size = { columns: 80, rows: 24 };
    const show = (second: number, rows: number) => {
      const sample = sampleAt(second, { waits: 'the window waits' });
      sample.progress.sinks[0]!.rows = rows;
      dashboard.add(sample);
      return screenOf(dashboard, size).includes('waits: the window waits');
    };
    expect([show(3, 0), show(9, 0), show(10, 0), show(11, 0)]).toEqual([false, false, true, true]);
    expect([show(12, 7), show(21, 7), show(22, 7), show(23, 8)]).toEqual([false, false, true, false]);
  });

  test('a run that has ended stays on the screen, and no later sample changes it', () => {
    const { dashboard, ...size } = dashboardOf('100x30 space\nending end of input');
    expect(dashboard.hasEnded).toBe(true);
    const ended = screenOf(dashboard, size);
    expect(ended).toContain('ENDED: end of input');
    expect(ended).not.toContain('PAUSED');
    expect(ended).toContain('738.2 M rows');
    dashboard.add(sampleAt(500));
    expect(screenOf(dashboard, size)).toBe(ended);
    expect(dashboard.farewell(80).map((line) => paint(line, false).trimEnd())[0]).toContain('ENDED: end of input');
  });

  test('a pipeline that is gone without a word is said to be', () => {
    const { dashboard, ...size } = dashboardOf('100x30');
    dashboard.end();
    expect(screenOf(dashboard, size)).toContain('ENDED');
    expect(new Dashboard(1).farewell(80)).toEqual([]);
  });

  test('colours say nothing that the text does not', () => {
    const { dashboard, columns, rows } = dashboardOf('80x24 down down');
    for (const line of dashboard.lines({ columns, rows })) {
      expect(stripVTControlCharacters(paint(line, true))).toBe(paint(line, false));
    }
  });
});

describe('choosing', () => {
  const runs = [sampleAt(10, { pid: 31, pipeline: 'b.lsql' }), sampleAt(70, { pid: 7, pipeline: 'a.lsql' })];

  test('lists what runs by process id, opens one with enter, and comes back with escape', () => {
    const dashboard = new Dashboard(null);
    dashboard.showRuns(runs);
    const listed = screenOf(dashboard, { columns: 80, rows: 6 });
    expect(listed.split('\n').slice(2, 5)).toEqual([
      'PIPELINES                    pid        up  rows in/s  rows out/s',
      '▸ a.lsql                       7    1m 10s      4.1 M       1.3 k',
      '  b.lsql                      31    10.0 s      4.1 M       1.3 k',
    ]);
    dashboard.press({ kind: 'down' });
    dashboard.press({ kind: 'enter' });
    expect(dashboard.pid).toBe(31);
    expect(screenOf(dashboard, { columns: 80, rows: 24 })).toContain('b.lsql · pid 31');
    dashboard.press({ kind: 'escape' });
    expect(dashboard.pid).toBeNull();
  });

  test('the selection stays in the list when pipelines end', () => {
    const dashboard = new Dashboard(null);
    dashboard.showRuns(runs);
    dashboard.press({ kind: 'down' });
    dashboard.showRuns([]);
    dashboard.press({ kind: 'enter' });
    expect(dashboard.pid).toBeNull();
    expect(screenOf(dashboard, { columns: 80, rows: 6 })).toContain('no pipeline is running');
    dashboard.showRuns(runs.slice(0, 1));
    dashboard.press({ kind: 'enter' });
    expect(dashboard.pid).toBe(31);
  });

  test('escape leads nowhere from the only pipeline', () => {
    const { dashboard } = dashboardOf('80x24 escape');
    expect(dashboard.pid).toBe(4711);
  });
});

test.each([
  [[1, 1, 1], 10, [1, 1, 1]],
  [[50, 2, 1], 10, [7, 2, 1]],
  [[50, 50], 9, [4, 5]],
  [[3, 3], 0, [0, 0]],
])('tables that want %j of %d lines get %j', (wants, rows, shares) => expect(shareRows(wants, rows)).toEqual(shares));

function screenOf(dashboard: Dashboard, size: { columns: number; rows: number }): string {
  return dashboard
    .lines(size)
    .map((line) => paint(line, false).trimEnd())
    .join('\n');
}
