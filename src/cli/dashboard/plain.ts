// The dashboard as plain text, once: for scripts, logs, and terminals that can do no more.

import type { Frame } from './frame.ts';
import { agreeOnNames } from './grid.ts';
import { renderHead } from './overview.ts';
import { sectionsOf } from './sections.ts';
import { type Line, paint } from './text.ts';
import { FIRST_VIEW, type View } from './view.ts';

/** Wide enough for every column. */
const PLAIN_COLUMNS = 132;

/** Everything, in as many lines as it takes; what the output waits for only if none came between the samples. */
export function renderPlain(frame: Frame, columns = PLAIN_COLUMNS): string {
  const view: View = { ...FIRST_VIEW, section: 'pipelines' };
  const sections = sectionsOf(frame, view);
  const nameCells = agreeOnNames(sections.map((section) => section.names(columns)));
  const tables = sections.flatMap((section): Line[] => [[], ...section.render(columns, nameCells, section.ids.length)]);
  const shown = frame.rowsOut.perSecond > 0 ? { ...frame, waits: null } : frame;
  const lines = [...renderHead(shown, view, [], columns), ...tables];
  return lines.map((line) => paint(line, false).trimEnd()).join('\n');
}
