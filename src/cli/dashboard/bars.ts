// Numbers as shapes: a line of blocks for what was, and a bar for a share.

const BLOCKS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** One block a value, the newest last, scaled from zero to the greatest; blank where there is none yet. */
export function sparkline(values: readonly number[], cells: number): string {
  if (cells <= 0) return '';
  const shown = values.slice(-cells);
  const top = Math.max(...shown, 0);
  const blocks = shown.map((value) => {
    const level = top === 0 ? 0 : Math.round((value / top) * (BLOCKS.length - 1));
    return BLOCKS[Math.min(Math.max(level, 0), BLOCKS.length - 1)];
  });
  return ' '.repeat(cells - shown.length) + blocks.join('');
}

/** `██████░░░░` for 0.6 in ten cells. */
export function bar(share: number, cells: number): string {
  const filled = Math.min(cells, Math.max(0, Math.round(share * cells)));
  return '█'.repeat(filled) + '░'.repeat(cells - filled);
}
