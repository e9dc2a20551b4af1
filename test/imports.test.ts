// Holds the import table: which part of the source may know which. Imports point down only.
//
//   commands → cli → (sql | runtime) → (connectors | formats | state) → plan → platform → data → base
//
// sql and runtime never meet (they meet at plan), connectors and formats never meet, nothing imports commands but the
// program that lists them. The memory layout shared with the kernels is known everywhere; libraries have one place each.

import fs from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');

/** Folder of src → the folders it may import from, besides itself. `.` are the files of src itself: the program. */
const FOLDERS: Record<string, readonly string[]> = {
  '.': ['commands', 'cli', 'runtime', 'platform', 'base'],
  commands: ['cli', 'sql', 'runtime', 'plan', 'platform', 'data', 'base'],
  cli: ['sql', 'runtime', 'state', 'plan', 'platform', 'data', 'base'],
  sql: ['plan', 'data', 'base'],
  runtime: ['connectors', 'formats', 'state', 'plan', 'platform', 'data', 'base'],
  connectors: ['plan', 'platform', 'data', 'base'],
  formats: ['plan', 'data', 'base'],
  state: ['plan', 'platform', 'data', 'base'],
  plan: ['data', 'base'],
  platform: ['data', 'base'],
  data: ['base'],
  base: [],
};

/** Files outside src that parts of it may import: a folder, or `*` for all. */
const OUTSIDE: Record<string, readonly string[]> = {
  'kernels/layout.ts': ['*'],
  'kernels/layout-aggregate.ts': ['plan', 'runtime'],
  'kernels/layout-formats.ts': ['formats', 'plan', 'runtime'],
  'kernels/layout-makers.ts': ['connectors'],
  'kernels/layout-changes.ts': ['*'],
  'kernels/layout-join.ts': ['runtime'],
  'kernels/layout-lookup.ts': ['runtime'],
  'kernels/layout-lasting.ts': ['runtime'],
  'kernels/layout-recall.ts': ['runtime'],
  'kernels/layout-retract.ts': ['runtime'],
  'kernels/layout-share.ts': ['runtime'],
  'kernels/layout-table.ts': ['runtime'],
  'kernels/layout-top.ts': ['runtime'],
  'kernels/layout-late.ts': ['*'],
  'kernels/layout-time.ts': ['*'],
  'kernels/layout-over.ts': ['runtime'],
  'kernels/layout-rows.ts': ['runtime'],
  'kernels/layout-updating.ts': ['runtime'],
  'kernels/layout-ranked.ts': ['runtime'],
  'kernels/layout-results.ts': ['runtime'],
  'build/generated/kernels.d.ts': ['*'],
  'build/generated/grammar.js': ['sql'],
  'package.json': ['cli'],
};

/** Package → the folders that may know it. */
const PACKAGES: Record<string, readonly string[]> = {
  '@oclif/core': ['.', 'commands', 'cli'],
  'apache-arrow': ['formats'],
  chalk: ['cli'],
  hyparquet: ['formats'],
  'hyparquet-compressors': ['formats'],
  ink: ['cli'],
  koffi: ['platform'],
  lmdb: ['state'],
  moo: ['sql'],
  nearley: ['sql'],
  pg: ['connectors'],
  react: ['cli'],
};

interface Import {
  /** Relative to the repository. */
  file: string;
  folder: string;
  specifier: string;
}

/** Import and export declarations, and `import('…')`, types included. */
const SPECIFIER = /(?:^\s*(?:import|export)\b[^'";]*?\bfrom\s*|^\s*import\s*|\bimport\(\s*|\brequire\(\s*)'([^']+)'/gm;

function importsOf(file: string): Import[] {
  const text = fs.readFileSync(path.join(root, file), 'utf8').replace(/^\s*(\/\/|\*|\/\*).*$/gm, '');
  return [...text.matchAll(SPECIFIER)].map((match) => ({
    file,
    folder: folderOf(file),
    specifier: match[1] as string,
  }));
}

function folderOf(file: string): string {
  const parts = file.split('/');
  return parts.length === 2 ? '.' : (parts[1] as string);
}

/** What is wrong with an import, or null. */
function violation({ file, folder, specifier }: Import): string | null {
  if (isBuiltin(specifier)) return null;
  if (!specifier.startsWith('.')) {
    const name = specifier
      .split('/')
      .slice(0, specifier.startsWith('@') ? 2 : 1)
      .join('/');
    return PACKAGES[name]?.includes(folder) ? null : `${file}: ${folder} may not know the package ${name}`;
  }
  const target = path.posix.join(path.posix.dirname(file), specifier);
  if (!target.startsWith('src/')) {
    const allowed = OUTSIDE[target];
    return allowed?.some((name) => name === '*' || name === folder) ? null : `${file} may not import ${target}`;
  }
  const targetFolder = folderOf(target);
  if (targetFolder === folder || FOLDERS[folder]?.includes(targetFolder)) return null;
  return `${file} may not import ${target}: ${folder} does not know ${targetFolder}`;
}

function sourceFiles(): string[] {
  return fs
    .readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => `src/${name}`);
}

describe('imports', () => {
  test('every folder of src has its row in the table', () => {
    const folders = new Set(sourceFiles().map(folderOf));
    expect([...folders].filter((folder) => !(folder in FOLDERS))).toEqual([]);
  });

  test('the table itself points down only', () => {
    const order = Object.keys(FOLDERS);
    const upward = order.flatMap((from) =>
      (FOLDERS[from] as readonly string[]).filter((to) => order.indexOf(to) <= order.indexOf(from)),
    );
    expect(upward).toEqual([]);
  });

  test('no file of src imports what the table does not allow', () => {
    const imports = sourceFiles().flatMap(importsOf);
    expect(imports.length).toBeGreaterThan(100);
    expect(imports.map(violation).filter((problem) => problem !== null)).toEqual([]);
  });

  test('the kernels import each other only', () => {
    const specifiers = fs
      .readdirSync(path.join(root, 'kernels'))
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => importsOf(`kernels/${name}`));
    expect(specifiers.filter(({ specifier }) => !/^\.\/[\w-]+$/.test(specifier))).toEqual([]);
  });

  test.each([
    ['src/sql/a.ts', '../runtime/engine.ts'],
    ['src/runtime/a.ts', '../sql/compile.ts'],
    ['src/connectors/a.ts', '../formats/format.ts'],
    ['src/formats/a.ts', '../connectors/connector.ts'],
    ['src/cli/a.ts', '../commands/run.ts'],
    ['src/base/a.ts', '../data/type.ts'],
    ['src/base/a.ts', 'koffi'],
    ['src/runtime/a.ts', '../../build/generated/grammar.js'],
  ])('the check itself refuses %s importing %s', (file, specifier) => {
    expect(violation({ file, folder: folderOf(file), specifier })).not.toBeNull();
  });
});
