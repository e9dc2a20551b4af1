// Formats kernels/*.ts with biome: node scripts/format-kernels.mjs [--check]
//
// biome knows TypeScript, and AssemblyScript's decorators of functions (`@inline`) are none: they are hidden in comments
// while it works.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const folder = path.join(root, 'kernels');
const isCheck = process.argv.includes('--check');
const unformatted = [];

for (const name of fs.readdirSync(folder).filter((file) => file.endsWith('.ts'))) {
  const file = path.join(folder, name);
  const text = fs.readFileSync(file, 'utf8');
  const hidden = text.replace(/^(\s*)@(\w+)$/gm, '$1// hidden @$2');
  // The name only tells the language; kernels themselves are outside of biome's files.
  const biome = path.join(root, 'node_modules/@biomejs/biome/bin/biome');
  const args = [biome, 'format', '--stdin-file-path=src/kernel.ts'];
  const formatted = execFileSync(process.execPath, args, { cwd: root, input: hidden, encoding: 'utf8' });
  const shown = formatted.replace(/^(\s*)\/\/ hidden @(\w+)$/gm, '$1@$2');
  if (shown === text) continue;
  if (isCheck) unformatted.push(name);
  else fs.writeFileSync(file, shown);
}

if (unformatted.length > 0) {
  console.error(`not formatted: ${unformatted.join(', ')}\nrun: npm run format`);
  process.exit(1);
}
