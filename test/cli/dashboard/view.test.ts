import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FIRST_VIEW, type Key, type Listing, press, selectionOf, type View } from '../../../src/cli/dashboard/view.ts';

const SECTIONS: Listing[] = [
  { name: 'sources', ids: ['trades', 'quotes'], orders: ['rows', 'lag'] },
  { name: 'operators', ids: ['a', 'b', 'c'], orders: ['in'] },
  { name: 'sinks', ids: ['out'], orders: [] },
];

const NAMES: Record<string, Key> = {
  up: { kind: 'up' },
  down: { kind: 'down' },
  tab: { kind: 'tab' },
  backTab: { kind: 'backTab' },
  enter: { kind: 'enter' },
  escape: { kind: 'escape' },
  erase: { kind: 'erase' },
  home: { kind: 'home' },
  end: { kind: 'end' },
  space: { kind: 'text', text: ' ' },
};

/** Presses keys, given as words: names of keys, or letters. */
function pressed(keys: string, view: View = FIRST_VIEW, sections = SECTIONS): View {
  const words = keys.split(' ').filter((word) => word !== '');
  return words.reduce((now, word) => press(now, NAMES[word] ?? { kind: 'text', text: word }, sections), view);
}

function selected(view: View): string {
  const section = SECTIONS.find(({ name }) => name === view.section) as Listing;
  return `${section.name}/${selectionOf(view, section)}`;
}

describe('moving', () => {
  test.each([
    ['', 'sources/trades'],
    ['down', 'sources/quotes'],
    ['down down', 'operators/a'],
    ['down down up', 'sources/quotes'],
    ['up', 'sources/trades'],
    ['j j j k', 'operators/a'],
    ['end', 'sinks/out'],
    ['end down', 'sinks/out'],
    ['end home', 'sources/trades'],
    ['tab', 'operators/a'],
    ['tab down down', 'operators/c'],
    ['tab tab tab', 'sources/trades'],
    ['backTab', 'sinks/out'],
    // A section remembers its row.
    ['tab down backTab tab', 'operators/b'],
  ])('%s leads to %s', (keys, row) => expect(selected(pressed(keys))).toBe(row));

  test('a row that is gone leaves the first one selected', () => {
    const view = pressed('down');
    expect(selectionOf(view, { name: 'sources', ids: ['trades', 'rates'], orders: [] })).toBe('trades');
    expect(selectionOf(view, { name: 'sources', ids: [], orders: [] })).toBeUndefined();
  });

  test('nothing listed, nothing moves', () => {
    expect(pressed('down tab up enter escape', FIRST_VIEW, [])).toEqual(FIRST_VIEW);
  });
});

describe('sorting', () => {
  test('goes through the columns and back to the order of the plan', () => {
    expect(pressed('s').sortedBy).toEqual({ sources: 'rows' });
    expect(pressed('s s').sortedBy).toEqual({ sources: 'lag' });
    expect(pressed('s s s').sortedBy).toEqual({});
    expect(pressed('s tab s').sortedBy).toEqual({ sources: 'rows', operators: 'in' });
    expect(pressed('end s').sortedBy).toEqual({});
  });
});

describe('filtering', () => {
  test('keys are letters until enter, also those that mean something', () => {
    expect(pressed('/ q r s / ?')).toMatchObject({ filter: 'qrs/?', isTyping: true, isCumulative: false });
    expect(pressed('/ a b erase')).toMatchObject({ filter: 'a', isTyping: true });
    expect(pressed('/ a erase erase')).toMatchObject({ filter: '', isTyping: true });
    expect(pressed('/ a enter r')).toMatchObject({ filter: 'a', isTyping: false, isCumulative: true });
  });

  test('escape takes the filter away, while it is typed and later', () => {
    expect(pressed('/ a escape')).toMatchObject({ filter: '', isTyping: false });
    expect(pressed('/ a enter escape')).toMatchObject({ filter: '', isTyping: false });
  });

  test('a filter keeps no control characters and does not grow without end', () => {
    const pasted = press(pressed('/'), { kind: 'text', text: `a\u001Bb${'x'.repeat(500)}` }, SECTIONS);
    expect(pasted.filter).toBe(`ab${'x'.repeat(62)}`);
  });
});

describe('screens', () => {
  test.each([
    ['enter', 'detail'],
    ['?', 'help'],
    ['enter ?', 'help'],
    ['enter escape', 'overview'],
    ['? x', 'overview'],
    ['enter space', 'detail'],
    ['enter r', 'detail'],
  ])('%s shows the %s', (keys, screen) => expect(pressed(keys).screen).toBe(screen));

  test('space holds still and goes on, on every screen', () => {
    expect(pressed('space').isPaused).toBe(true);
    expect(pressed('space space').isPaused).toBe(false);
    expect(pressed('enter space').isPaused).toBe(true);
  });
});

test('no sequence of keys leads to a view that selects nothing', () => {
  const letters = fc.constantFrom('s', '/', ' ', 'r', '?', 'a', 'j', 'k');
  const key = fc.oneof(
    fc.constantFrom(...Object.values(NAMES)),
    letters.map((text): Key => ({ kind: 'text', text })),
  );
  fc.assert(
    fc.property(fc.array(key, { maxLength: 40 }), (keys) => {
      const view = keys.reduce((now, one) => press(now, one, SECTIONS), FIRST_VIEW);
      expect(selected(view)).not.toContain('undefined');
    }),
  );
});
