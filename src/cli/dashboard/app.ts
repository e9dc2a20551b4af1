// The dashboard on a terminal, by Ink: it takes over the screen, redraws lines that have changed, reads keys, and gives
// the terminal back as it was, whatever ends it.
//
// Written without JSX: Node runs TypeScript by taking the types away, and JSX is more than types.

import { Box, render, Text, useInput, useWindowSize } from 'ink';
import { createElement, type FunctionComponent, useSyncExternalStore } from 'react';
import type { Dashboard } from './dashboard.ts';
import { paint } from './text.ts';
import type { Key } from './view.ts';

export interface Terminal {
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  hasColor: boolean;
}

/** A line changes once a second; keys must not wait. */
const FRAMES_PER_SECOND = 30;

/** Shows the dashboard until `q` or Ctrl-C, or until `signal` aborts. @throws what went wrong while drawing. */
export async function showDashboard(dashboard: Dashboard, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const { stdin, stdout, hasColor } = terminal;
  let leave = () => {};
  const screen = createElement(Screen, { dashboard, hasColor, onQuit: () => leave() });
  const instance = render(screen, {
    stdin,
    stdout,
    exitOnCtrlC: false,
    patchConsole: false,
    // Also where CI is set: whoever asks for a dashboard is there.
    interactive: true,
    alternateScreen: true,
    incrementalRendering: true,
    maxFps: FRAMES_PER_SECOND,
  });
  leave = () => instance.unmount();
  // An error that nobody catches is printed by the program, on the screen that was there before.
  process.on('uncaughtExceptionMonitor', leave);
  signal.addEventListener('abort', leave);
  try {
    await instance.waitUntilExit();
  } finally {
    process.off('uncaughtExceptionMonitor', leave);
    signal.removeEventListener('abort', leave);
    instance.cleanup();
  }
}

interface ScreenProps {
  dashboard: Dashboard;
  hasColor: boolean;
  onQuit(): void;
}

const Screen: FunctionComponent<ScreenProps> = ({ dashboard, hasColor, onQuit }) => {
  useSyncExternalStore(dashboard.subscribe, dashboard.version);
  const { columns, rows } = useWindowSize();
  useInput((input, key) => {
    for (const one of keysOf(input, key)) {
      if (one === 'quit' || (one.kind === 'text' && one.text === 'q' && !dashboard.isTyping)) return onQuit();
      dashboard.press(one);
    }
  });
  const lines = dashboard.lines({ columns, rows });
  return createElement(
    Box,
    { flexDirection: 'column' },
    // A text without characters has no height.
    lines.map((line, n) => createElement(Text, { key: n, wrap: 'truncate' }, paint(line, hasColor) || ' ')),
  );
};

type InkKey = Parameters<Parameters<typeof useInput>[0]>[1];

/** Keys that have no name in the middle of others. */
const CONTROLS: Record<string, Key | 'quit'> = {
  '\u0003': 'quit',
  '\b': { kind: 'erase' },
  '\t': { kind: 'tab' },
  '\n': { kind: 'enter' },
  '\r': { kind: 'enter' },
  '\u007F': { kind: 'erase' },
};

/** Keys that arrive together, over a slow line or pasted, are pressed one after another. */
function keysOf(input: string, key: InkKey): (Key | 'quit')[] {
  if (key.ctrl && input === 'c') return ['quit'];
  if (key.upArrow) return [{ kind: 'up' }];
  if (key.downArrow) return [{ kind: 'down' }];
  if (key.pageUp) return [{ kind: 'pageUp' }];
  if (key.pageDown) return [{ kind: 'pageDown' }];
  if (key.home) return [{ kind: 'home' }];
  if (key.end) return [{ kind: 'end' }];
  if (key.rightArrow || (key.tab && !key.shift)) return [{ kind: 'tab' }];
  if (key.leftArrow || key.tab) return [{ kind: 'backTab' }];
  if (key.return) return [{ kind: 'enter' }];
  if (key.escape) return [{ kind: 'escape' }];
  if (key.backspace || key.delete) return [{ kind: 'erase' }];
  if (key.ctrl || key.meta) return [];
  return [...input].map((text) => CONTROLS[text] ?? { kind: 'text', text });
}
