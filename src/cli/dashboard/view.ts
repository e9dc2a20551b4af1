// What the person at the dashboard has chosen to see, and how keys change it. Pure: a view and a key give a view.
//
//   tab, shift-tab, ← →   the next section, the one before     s       sort by the next column
//   ↑ ↓, page, home, end  the rows of all sections             /       filter by name: typed until enter or escape
//   enter                 what there is to know of the row     space   hold still, go on
//   escape                back, and the filter off             r       rates or totals since the start
//                                                              ?       help

export type SectionName = 'pipelines' | 'sources' | 'operators' | 'cores' | 'sinks';

export interface View {
  screen: 'overview' | 'detail' | 'help';
  section: SectionName;
  /** The selected row of each section; none: its first. */
  selected: Partial<Record<SectionName, string>>;
  /** The column that orders a section; none: as in the plan. */
  sortedBy: Partial<Record<SectionName, string>>;
  filter: string;
  /** Keys are letters of the filter. */
  isTyping: boolean;
  isPaused: boolean;
  /** Totals since the start take the place of rates. */
  isCumulative: boolean;
}

export type Key =
  | { kind: 'up' | 'down' | 'pageUp' | 'pageDown' | 'home' | 'end' }
  | { kind: 'tab' | 'backTab' | 'enter' | 'escape' | 'erase' }
  | { kind: 'text'; text: string };

/** What is listed, as far as keys must know: the sections on the screen, in order. */
export interface Listing {
  name: SectionName;
  /** Ids of the rows, as shown. */
  ids: readonly string[];
  /** The columns that it can be sorted by. */
  orders: readonly string[];
}

const PAGE_ROWS = 10;
const FILTER_MAX = 64;

export const FIRST_VIEW: View = {
  screen: 'overview',
  section: 'sources',
  selected: {},
  sortedBy: {},
  filter: '',
  isTyping: false,
  isPaused: false,
  isCumulative: false,
};

/** The view after a key. */
export function press(view: View, key: Key, sections: readonly Listing[]): View {
  if (view.isTyping) return type(view, key);
  if (view.screen !== 'overview') return leave(view, key);
  switch (key.kind) {
    case 'up':
      return move(view, sections, -1);
    case 'down':
      return move(view, sections, 1);
    case 'pageUp':
      return move(view, sections, -PAGE_ROWS);
    case 'pageDown':
      return move(view, sections, PAGE_ROWS);
    case 'home':
      return move(view, sections, Number.NEGATIVE_INFINITY);
    case 'end':
      return move(view, sections, Number.POSITIVE_INFINITY);
    case 'tab':
      return turn(view, sections, 1);
    case 'backTab':
      return turn(view, sections, -1);
    case 'enter':
      return { ...view, screen: 'detail' };
    case 'escape':
      return { ...view, filter: '' };
    case 'erase':
      return view;
    case 'text':
      return command(view, key.text, sections);
  }
}

/** The id of a section's selected row: the chosen one while it is listed, else the first. */
export function selectionOf(view: View, { name, ids }: Listing): string | undefined {
  const chosen = view.selected[name];
  return chosen !== undefined && ids.includes(chosen) ? chosen : ids[0];
}

function command(view: View, text: string, sections: readonly Listing[]): View {
  switch (text) {
    case 'k':
      return move(view, sections, -1);
    case 'j':
      return move(view, sections, 1);
    case 's':
      return sort(view, sections);
    case '/':
      return { ...view, isTyping: true };
    case ' ':
      return { ...view, isPaused: !view.isPaused };
    case 'r':
      return { ...view, isCumulative: !view.isCumulative };
    case '?':
    case 'h':
      return { ...view, screen: 'help' };
    default:
      return view;
  }
}

/** Keys of a screen that lies over the overview: all but these take it away. */
function leave(view: View, key: Key): View {
  if (key.kind === 'text' && key.text === ' ') return { ...view, isPaused: !view.isPaused };
  if (key.kind === 'text' && key.text === 'r') return { ...view, isCumulative: !view.isCumulative };
  if (key.kind === 'text' && (key.text === '?' || key.text === 'h') && view.screen === 'detail') {
    return { ...view, screen: 'help' };
  }
  return { ...view, screen: 'overview' };
}

function type(view: View, key: Key): View {
  switch (key.kind) {
    case 'text':
      return { ...view, filter: (view.filter + key.text.replace(/\p{C}/gu, '')).slice(0, FILTER_MAX) };
    case 'erase':
      return { ...view, filter: [...view.filter].slice(0, -1).join('') };
    case 'escape':
      return { ...view, filter: '', isTyping: false };
    case 'enter':
    case 'tab':
      return { ...view, isTyping: false };
    default:
      return view;
  }
}

/** So many rows on, through all sections as if they were one list. */
function move(view: View, sections: readonly Listing[], rows: number): View {
  const all = sections.flatMap(({ name, ids }) => ids.map((id) => ({ name, id })));
  if (all.length === 0) return view;
  const section = sections.find(({ name }) => name === view.section);
  const id = section === undefined ? undefined : selectionOf(view, section);
  const at = Math.max(
    all.findIndex((row) => row.name === view.section && row.id === id),
    0,
  );
  const next = all[Math.min(Math.max(at + rows, 0), all.length - 1)] as (typeof all)[number];
  return { ...view, section: next.name, selected: { ...view.selected, [next.name]: next.id } };
}

/** To the next section that lists anything. */
function turn(view: View, sections: readonly Listing[], step: 1 | -1): View {
  const listed = sections.filter(({ ids }) => ids.length > 0);
  if (listed.length === 0) return view;
  const at = listed.findIndex(({ name }) => name === view.section);
  const next = listed[(at + step + listed.length) % listed.length] as Listing;
  return { ...view, section: next.name };
}

/** By the next column of the section, and after the last as in the plan again. */
function sort(view: View, sections: readonly Listing[]): View {
  const section = sections.find(({ name }) => name === view.section);
  if (section === undefined) return view;
  const { [section.name]: current, ...others } = view.sortedBy;
  const next = section.orders[current === undefined ? 0 : section.orders.indexOf(current) + 1];
  return { ...view, sortedBy: next === undefined ? others : { ...others, [section.name]: next } };
}
