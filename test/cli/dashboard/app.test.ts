// The dashboard by Ink, on a terminal that is not there: what it draws, redraws, reads and leaves behind.

import { afterEach, describe, expect, test } from 'vitest';
import { showDashboard } from '../../../src/cli/dashboard/app.ts';
import { Dashboard } from '../../../src/cli/dashboard/dashboard.ts';
import { paint } from '../../../src/cli/dashboard/text.ts';
import { watch } from '../../../src/cli/dashboard/watch.ts';
import { FakeKeyboard, FakeScreen } from '../../support/screen.ts';
import { sampleAt } from './samples.ts';

const UP = '\u001B[A';
const DOWN = '\u001B[B';
const ESCAPE = '\u001B';
const CTRL_C = '\u0003';
/** What colours are. */
const COLORS = /\[3\dm/;

let leaveAll: (() => void)[] = [];
afterEach(() => {
  for (const leave of leaveAll) leave();
  leaveAll = [];
});

function show({ columns = 100, rows = 30, hasColor = false } = {}) {
  const screen = new FakeScreen(columns, rows);
  const keyboard = new FakeKeyboard();
  const dashboard = new Dashboard(4711);
  dashboard.add(sampleAt(10));
  const aborter = new AbortController();
  const terminal = { stdin: keyboard.stdin, stdout: screen.stdout, hasColor };
  const shown = showDashboard(dashboard, terminal, aborter.signal);
  leaveAll.push(() => aborter.abort());
  return { screen, keyboard, dashboard, shown, aborter };
}

/** Until the screen shows what the dashboard says. */
async function settled(screen: FakeScreen, dashboard: Dashboard): Promise<string[]> {
  const wanted = () => dashboard.lines(screen).map((line) => paint(line, false).trimEnd());
  await expect.poll(() => screen.lines(), { interval: 5 }).toEqual(wanted());
  return screen.lines();
}

describe('the screen', () => {
  test('shows exactly the lines of the dashboard, and lines that change in place', async () => {
    const { screen, dashboard } = show();
    expect((await settled(screen, dashboard))[3]).toContain('SOURCES');
    for (let second = 11; second < 16; second++) {
      const sample = sampleAt(second, { waits: 'a line that comes and goes' });
      if (second % 2 === 0) sample.progress.elapsedMillis += 60_000;
      dashboard.add(sample);
      await settled(screen, dashboard);
    }
  });

  test('a change redraws the lines it concerns, not the screen', async () => {
    const { screen, dashboard } = show();
    await settled(screen, dashboard);
    const before = screen.written.length;
    dashboard.add(sampleAt(11));
    await settled(screen, dashboard);
    expect(screen.written.length - before).toBeLessThan(1200);
    expect(screen.written.slice(before)).not.toContain('\u001B[2J');
  });

  test.each([
    [60, 14],
    [140, 50],
    [100, 10],
    [40, 30],
  ])('follows the terminal to %d × %d, and back', async (columns, rows) => {
    const { screen, dashboard } = show();
    await settled(screen, dashboard);
    screen.resize(columns, rows);
    await settled(screen, dashboard);
    screen.resize(100, 30);
    await settled(screen, dashboard);
  });

  test('has colours, or none with NO_COLOR', async () => {
    const colored = show({ hasColor: true });
    await settled(colored.screen, colored.dashboard);
    expect(colored.screen.written).toMatch(COLORS);
    // The sixteen colours of every terminal, nothing of 256 or more.
    expect(colored.screen.written).not.toMatch(/\[[34]8;/);
    const plain = show();
    await settled(plain.screen, plain.dashboard);
    expect(plain.screen.written).not.toMatch(/\[[\d;]*m/);
  });
});

describe('keys', () => {
  test('move, also when several arrive at once', async () => {
    const { screen, keyboard, dashboard } = show();
    await settled(screen, dashboard);
    const selected = () => screen.lines().find((line) => line.startsWith('▸'));
    keyboard.write(DOWN + DOWN);
    await expect.poll(selected).toContain('quotes-east-0001');
    keyboard.write(UP);
    await expect.poll(selected).toMatch(/^▸ quotes/);
    keyboard.write('jj');
    await expect.poll(selected).toContain('quotes-east-0002');
    keyboard.write('\t');
    await expect.poll(selected).toMatch(/^▸ trades/);
    keyboard.write('\r');
    await expect.poll(() => screen.lines()[2]).toBe('OPERATOR trades');
    keyboard.write(ESCAPE);
    await expect.poll(() => screen.lines()[3]).toContain('SOURCES');
  });

  test('filter, with letters that are commands elsewhere', async () => {
    const { screen, keyboard, dashboard } = show();
    keyboard.write('/');
    await expect.poll(() => screen.lines().at(-1)).toContain('filter:');
    keyboard.write('qu');
    await expect.poll(() => screen.lines().at(-1)).toContain('filter: qu');
    keyboard.write('\u007F\u007Fagg\r');
    await expect.poll(() => screen.lines().at(-1)).toContain('filter: agg  esc clears');
    expect(dashboard.isTyping).toBe(false);
    expect(screen.lines().join('\n')).toContain('OPERATORS 1 of 7');
  });

  test.each([
    ['q', 'q'],
    ['Ctrl-C', CTRL_C],
    ['q after others', 'jjq'],
    ['Ctrl-C while typing', `/${CTRL_C}`],
  ])('%s leaves', async (_, keys) => {
    const { keyboard, shown } = show();
    keyboard.write(keys);
    await shown;
  });
});

describe('the terminal afterwards', () => {
  function expectRestored({ screen, keyboard }: { screen: FakeScreen; keyboard: FakeKeyboard }) {
    expect(screen.isSecondScreen).toBe(false);
    expect(screen.isCursorHidden).toBe(false);
    expect(keyboard.isRaw).toBe(false);
  }

  test('is as it was when the person leaves', async () => {
    const { screen, keyboard, dashboard, shown } = show();
    await settled(screen, dashboard);
    expect([screen.isSecondScreen, screen.isCursorHidden, keyboard.isRaw]).toEqual([true, true, true]);
    keyboard.write('q');
    await shown;
    expectRestored({ screen, keyboard });
  });

  test('is as it was when asking the pipeline fails', async () => {
    const { screen, keyboard, aborter, shown } = show();
    aborter.abort(new Error('broken'));
    await shown;
    expectRestored({ screen, keyboard });
  });

  test('is as it was when drawing fails, and the error comes out', async () => {
    const { screen, keyboard, dashboard, shown } = show();
    await settled(screen, dashboard);
    dashboard.lines = () => {
      throw new Error('a bug');
    };
    dashboard.add(sampleAt(11));
    await expect(shown).rejects.toThrow('a bug');
    expectRestored({ screen, keyboard });
  });

  test('is as it was before an error that nobody catches is printed', async () => {
    const { screen, keyboard, shown } = show();
    const emitter: NodeJS.EventEmitter = process;
    emitter.emit('uncaughtExceptionMonitor', new Error('a bug'), 'uncaughtException');
    expectRestored({ screen, keyboard });
    await shown;
    expect(process.listenerCount('uncaughtExceptionMonitor')).toBe(0);
  });
});

describe('watching', () => {
  test('asks at once, and again, until the pipeline is gone', async () => {
    const dashboard = new Dashboard(4711);
    let second = 10;
    const stop = watch(
      dashboard,
      { list: async () => [], sample: async () => (second < 12 ? sampleAt(second++) : null) },
      (error) => {
        throw error;
      },
    );
    leaveAll.push(stop);
    await expect.poll(() => dashboard.hasEnded, { timeout: 5000 }).toBe(true);
    expect(second).toBe(12);
  });

  test('an error that nobody expects ends it', async () => {
    const errors: unknown[] = [];
    const broken = async () => Promise.reject(new Error('broken'));
    leaveAll.push(watch(new Dashboard(null), { list: broken, sample: broken }, (error) => errors.push(error)));
    await expect.poll(() => errors).toEqual([new Error('broken')]);
  });
});
